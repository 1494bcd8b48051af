import { isCallersFault, type Message, type SendReply, type Seq } from '../../../core/index.ts'
import { type Codec, type Connection, problemOf, type Server, withPartNamed } from '../../../server/index.ts'
import { isoTime } from '../../shared/index.ts'
import { mentionsBody } from '../details-bodies.ts'
import { errorFrame, socketParts } from '../errors.ts'
import type { RequestId, ResultFrame } from '../wire/index.ts'
import { frame, v2Codec } from './codec.ts'
import type { V2SocketOptions } from './options.ts'

/**
 * The client of one connection, as the parts of its session see it. Each request with an id gets exactly one response, the others only
 * if they are refused. All parts share one object, because there may be a hundred thousand connections.
 */
export class Peer implements SendReply<RequestId | undefined> {
  readonly server: Server
  readonly options: V2SocketOptions
  readonly connection: Connection
  /** How rooms are shown to it. */
  readonly codec: Codec
  /** Up to which number the client was told of the user's memberships; null for one that does not count them. */
  membershipsTold: Seq | null = null

  constructor(server: Server, options: V2SocketOptions, connection: Connection, codec: Codec = v2Codec) {
    this.codec = codec
    this.server = server
    this.options = options
    this.connection = connection
  }

  result(id: RequestId | undefined, data: ResultFrame['data']): void {
    if (id !== undefined) this.connection.send(frame({ type: 'result', id, data }))
  }

  /** Acknowledges a send, together with the others of its batch. */
  sent({ roomId, seq, id, clientId, createdAt, details }: Message, request: RequestId | undefined): void {
    if (request === undefined) return
    const plain = { room: roomId, seq, message: id, client_id: clientId, created_at: isoTime(createdAt) }
    const data =
      details?.mentions === undefined ? plain : { ...plain, mentions: mentionsBody(details.mentions) }
    const remaining = this.server.chat.messages.remaining(this.connection.user)
    this.connection.sendLater(frame({ type: 'result', id: request, data, remaining }))
  }

  /** Refuses a message, or a revision of one. */
  rejected(error: unknown, request: RequestId | undefined): void {
    this.refuse(request, withPartNamed(error, socketParts))
  }

  refuse(id: RequestId | null | undefined, error: unknown): void {
    const problem = problemOf(error)
    if (problem.kind === 'fault') this.server.log.error({ err: error }, 'a request over a socket failed')
    const text = frame(errorFrame(id ?? null, problem))
    if (isCallersFault(error)) this.connection.refuse(text)
    else this.connection.send(text)
  }

  /** Refuses a frame that is not a request. */
  refuseMalformed(id: RequestId | null, message: string, field: string | null): void {
    this.connection.refuse(frame(errorFrame(id, { kind: 'invalid', message, retryAfterMs: 0, field })))
  }
}
