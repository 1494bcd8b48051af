import { ChatError, type Message, type SendReply } from '../../../core/index.ts'
import type { Connection, Logger } from '../../../server/index.ts'
import { isoTime } from '../../shared/index.ts'
import { codeOf } from '../problems.ts'
import type { RequestId, ResultFrame } from '../wire/index.ts'
import { frame } from './codec.ts'

/** How one connection's requests are answered: each that has an id exactly once, the others only where they are refused. */
export class Answers {
  readonly #connection: Connection
  readonly #log: Logger

  constructor(connection: Connection, log: Logger) {
    this.#connection = connection
    this.#log = log
  }

  /** @param remaining how many messages the user may send at once, where that is told */
  result(id: RequestId | undefined, data: ResultFrame['data'], remaining?: number): void {
    if (id !== undefined) this.#connection.send(resultText(id, data, remaining))
  }

  refuse(id: RequestId | null | undefined, error: unknown): void {
    this.#connection.send(errorText(id ?? null, error, this.#log))
  }
}

export function resultText(id: RequestId, data: ResultFrame['data'], remaining?: number): string {
  return frame({ type: 'result', id, data, ...(remaining === undefined ? {} : { remaining }) })
}

/** Told what became of one send. One is made for each, since the answer carries the request's id. */
export class SendAnswer implements SendReply {
  readonly #answers: Answers
  readonly #id: RequestId | undefined
  readonly #remaining: () => number
  readonly #refused: (error: Error) => void

  /**
   * @param remaining how many the sender may send at once by now
   * @param refused tells of a refusal: whether the sender may know of the room is yet to be found then
   */
  constructor(
    answers: Answers,
    id: RequestId | undefined,
    remaining: () => number,
    refused: (error: Error) => void,
  ) {
    this.#answers = answers
    this.#id = id
    this.#remaining = remaining
    this.#refused = refused
  }

  sent(message: Message): void {
    if (this.#id === undefined) return
    const { roomId, seq, id, clientId, createdAt } = message
    const data = { room: roomId, seq, message: id, client_id: clientId, created_at: isoTime(createdAt) }
    this.#answers.result(this.#id, data, this.#remaining())
  }

  refused(error: Error): void {
    this.#refused(error)
  }
}

/** What is wrong with a part of a message, by the part's name in the request. */
export function withPartNamed(error: unknown): unknown {
  if (!(error instanceof ChatError) || error.kind !== 'invalid') return error
  const field = error.field === 'key' ? 'client_id' : (error.field ?? 'body')
  return new ChatError('invalid', `${field} ${error.message}`, { field })
}

function errorText(id: RequestId | null, error: unknown, log: Logger): string {
  if (error instanceof ChatError) {
    const { kind, message, retryable, retryAfterMs, field } = error
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
  log.error({ err: error }, 'a request over a socket failed')
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
