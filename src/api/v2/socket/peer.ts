import { ChatError, isCallersFault } from '../../../core/index.ts'
import type { Connection, Server } from '../../../server/index.ts'
import { codeOf } from '../problems.ts'
import type { RequestId, ResultFrame } from '../wire/index.ts'
import { frame } from './codec.ts'
import type { V2SocketOptions } from './options.ts'

/**
 * The client of one connection, as the parts of its session see it: each request that has an id is answered exactly once,
 * the others only where they are refused. One object for all the parts, since there may be a hundred thousand connections.
 */
export class Peer {
  readonly server: Server
  readonly options: V2SocketOptions
  readonly connection: Connection

  constructor(server: Server, options: V2SocketOptions, connection: Connection) {
    this.server = server
    this.options = options
    this.connection = connection
  }

  result(id: RequestId | undefined, data: ResultFrame['data']): void {
    if (id !== undefined) this.connection.send(frame({ type: 'result', id, data }))
  }

  /** The answer to a send, which comes with those of its whole batch. @param remaining messages that the user may send at once */
  sent(id: RequestId, data: ResultFrame['data'], remaining: number): void {
    this.connection.sendLater(frame({ type: 'result', id, data, remaining }))
  }

  refuse(id: RequestId | null | undefined, error: unknown): void {
    const known = error instanceof ChatError
    if (!known) this.server.log.error({ err: error }, 'a request over a socket failed')
    const text = known ? refusal(id ?? null, error) : fault(id ?? null)
    if (isCallersFault(error)) this.connection.refuse(text)
    else this.connection.send(text)
  }

  /** Of a frame that is no request. */
  refuseMalformed(id: RequestId | null, message: string, field: string | null): void {
    this.connection.refuse(refusal(id, { ...malformed, message, field }))
  }
}

type Refusal = Pick<ChatError, 'kind' | 'message' | 'retryable' | 'retryAfterMs' | 'field'>

const malformed = { kind: 'invalid', retryable: false, retryAfterMs: 0 } as const

function refusal(id: RequestId | null, { kind, message, retryable, retryAfterMs, field }: Refusal): string {
  return frame({
    type: 'error',
    id,
    code: codeOf(kind),
    message,
    retryable,
    retry_after_ms: Math.ceil(retryAfterMs),
    field,
  })
}

function fault(id: RequestId | null): string {
  return frame({
    type: 'error',
    id,
    code: 'internal',
    message: 'Internal server error',
    retryable: false,
    retry_after_ms: 0,
    field: null,
  })
}
