/** A TCP connection that sends as fast as it is taken, and throws away nearly all that comes. */
export interface Line {
  /** Resolves once the kernel has it all, or the connection is gone. */
  write(data: string | Uint8Array): Promise<void>
  /** The beginning of what has come. */
  received(): string
  isOver(): boolean
  /** Resolves when the other side has ended it, or after the time. */
  over(ms: number): Promise<void>
  /** Resolves when anything has come, or the connection is gone, or after the time. */
  answered(ms: number): Promise<void>
  /** Resolves when the bytes have come, among whatever else, or the connection is gone, or after the time. */
  heard(bytes: Uint8Array, ms: number): Promise<void>
  cut(): void
}

/** As much as is looked at. */
const KEPT_BYTES = 4096

export async function openLine(url: string): Promise<Line> {
  const { hostname, port } = new URL(url)
  let kept = ''
  let last = Buffer.alloc(0)
  let wanted: Uint8Array | null = null
  let isOver = false
  let wake: () => void = () => undefined

  function ended(): void {
    isOver = true
    wake()
  }

  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(_, chunk) {
        if (kept.length < KEPT_BYTES) kept += Buffer.from(chunk).toString('latin1').slice(0, KEPT_BYTES)
        if (wanted !== null) {
          // It may come in pieces.
          const seen = Buffer.concat([last, chunk])
          if (seen.includes(wanted)) wanted = null
          last = seen.subarray(-64)
        }
        wake()
      },
      drain: () => wake(),
      close: ended,
      end: ended,
      error: ended,
    },
  })

  function change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const alarm = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(alarm)
        resolve()
      }
    })
  }

  async function holds(condition: () => boolean, ms: number): Promise<void> {
    const deadline = performance.now() + ms
    while (!condition() && performance.now() < deadline) await change(deadline - performance.now())
  }

  return {
    async write(data) {
      let rest = Buffer.from(data)
      while (rest.length > 0 && !isOver) {
        const taken = socket.write(rest)
        rest = rest.subarray(Math.max(0, taken))
        if (rest.length > 0) await change(100)
      }
    },
    received: () => kept,
    isOver: () => isOver,
    over: (ms) => holds(() => isOver, ms),
    heard(bytes, ms) {
      wanted = bytes
      return holds(() => isOver || wanted === null, ms)
    },
    answered: (ms) => holds(() => isOver || kept !== '', ms),
    cut: () => socket.terminate(),
  }
}
