// Opens the sockets of a plan on the standard input, floods through all of them at once, and prints what became of each.
import type { FloodPlan, FloodResult, FloodSocket } from './flood.ts'
import { handshakeRequest } from './raw-http.ts'
import { CLOSE, encodeFrame, parseFrames } from './raw-websocket.ts'

/** Bytes in one write: as much as a server reads at once. */
const BLOCK = 524_288

const plan: FloodPlan = await Bun.stdin.json()
const sockets = await Promise.all(plan.sockets.map(open))
const end = performance.now() + plan.seconds * 1000
const results: FloodResult = await Promise.all(sockets.map((socket) => socket.flood(end)))
console.log(JSON.stringify(results))
process.exit(0)

async function open({ url, name, frames }: FloodSocket) {
  const { hostname, port } = new URL(url)
  const opened = Promise.withResolvers<void>()
  const result: FloodResult[number] = { name, code: null, ended: false, sent: 0, received: 0 }
  let rest: Buffer | null = null
  let isOver = false
  let wake: () => void = () => undefined

  function take(chunk: Buffer): void {
    result.received += chunk.length
    const bytes: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk])
    if (rest === null) {
      const head = bytes.indexOf('\r\n\r\n')
      if (!bytes.toString('latin1').startsWith('HTTP/1.1 101') || head === -1)
        throw new Error(`${name}: ${bytes}`)
      rest = bytes.subarray(head + 4)
      opened.resolve()
      return
    }
    const parsed = parseFrames(bytes)
    rest = bytes.subarray(parsed.length)
    for (const { opcode, payload } of parsed.frames) {
      if (opcode === CLOSE) result.code = payload.readUInt16BE(0)
    }
  }

  function over(): void {
    isOver = true
    wake()
  }

  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_, chunk) => take(Buffer.from(chunk)),
      drain: () => wake(),
      close: over,
      end: over,
      error: over,
    },
  })
  socket.write(handshakeRequest(url))
  await opened.promise
  const once = Buffer.concat(
    frames.map(({ opcode, text, final = true }) => encodeFrame(opcode, text, { final })),
  )
  const block = Buffer.concat(Array<Buffer>(Math.ceil(BLOCK / once.length)).fill(once))

  return {
    async flood(end: number): Promise<FloodResult[number]> {
      for (let at = 0; !isOver && performance.now() < end; ) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        const written = socket.write(block.subarray(at))
        if (written < 0) break
        result.sent += written
        at = (at + written) % block.length
        // Others are to have their turn, and what has come is to be read.
        const alarm = setTimeout(resolve, written > 0 ? 0 : 100)
        await promise
        clearTimeout(alarm)
      }
      // The close frame may be behind what was answered before.
      for (let waited = 0; result.code === null && !isOver && waited < 20; waited++) await Bun.sleep(50)
      socket.terminate()
      return { ...result, ended: isOver }
    },
  }
}
