// A server that speaks as much of Postgres's protocol as a test needs to say something wrong at the right moment.
import { createServer, type Socket } from 'node:net'
import { onFreePort } from './free-port.ts'

export interface FakePostgres {
  readonly url: string
  /** Connections accepted so far. */
  readonly accepted: number
  close(): void
}

export interface FakeSession {
  readonly socket: Socket
  /** Sends one message, its type and its body. */
  say(type: string, body?: Buffer): void
  /** Says that the login succeeded and that statements may come. */
  letIn(): void
}

export interface FakeScript {
  /** Called when a connection has been accepted. */
  accepted?(session: FakeSession): void
  /** Called when the client has asked for TLS; it waits for one byte. */
  tlsAsked?(session: FakeSession): void
  /** Called when the client has sent its startup message. */
  started?(session: FakeSession): void
  /** Called for each later message of the client. @param type `p` with a part of a password; `Q`, `P`, `S` … once it is logged in */
  asked?(session: FakeSession, type: string): void
}

export async function startFakePostgres(script: FakeScript): Promise<FakePostgres> {
  const open = new Set<Socket>()
  let accepted = 0

  const { server, port } = await onFreePort(async (port) => {
    const server = createServer((socket) => {
      accepted++
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => open.delete(socket))
      follow(socket, script)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    return { server, port }
  })
  return {
    url: `postgres://somebody:secret@127.0.0.1:${port}/anything`,
    get accepted() {
      return accepted
    },
    close() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}

export function errorBody(code: string, message: string, severity = 'FATAL'): Buffer {
  return text('S', severity, '\0', 'V', severity, '\0', 'C', code, '\0', 'M', message, '\0', '\0')
}

export function number(...values: number[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(4)
      bytes.writeInt32BE(value)
      return bytes
    }),
  )
}

export function text(...parts: string[]): Buffer {
  return Buffer.from(parts.join(''))
}

function follow(socket: Socket, script: FakeScript): void {
  let named = false
  let incoming: Buffer = Buffer.alloc(0)
  const session: FakeSession = {
    socket,
    say: (type, body = Buffer.alloc(0)) =>
      void socket.write(Buffer.concat([text(type), number(body.length + 4), body])),
    letIn() {
      session.say('R', number(0))
      session.say('K', number(1, 1))
      session.say('Z', text('I'))
    },
  }
  socket.on('data', (chunk: Buffer) => {
    incoming = Buffer.concat([incoming, chunk])
    while (incoming.length >= (named ? 5 : 8)) {
      const length = named ? 1 + incoming.readInt32BE(1) : incoming.readInt32BE(0)
      // What comes after an answer of nonsense is none of the protocol's.
      if (length < 5 || incoming.length < length) return
      const message = incoming.subarray(0, length)
      incoming = incoming.subarray(length)
      if (named) script.asked?.(session, String.fromCharCode(message[0] ?? 0))
      else if (length === 8 && message.readInt32BE(4) === TLS_REQUEST) script.tlsAsked?.(session)
      else {
        named = true
        script.started?.(session)
      }
    }
  })
  script.accepted?.(session)
}

const TLS_REQUEST = 80877103
