import type { ServerFrame } from '../../../../src/api/v2/wire/index.ts'
import { until } from '../../../support/until.ts'
import { isEvent } from './rooms.ts'

export interface Followed {
  readonly url: string
  readonly token?: string
  /** Sent as the header that browsers send. */
  readonly lastEventId?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Posts it instead of asking by GET. */
  readonly body?: unknown
}

/** A client of a stream of events, that keeps what comes as an EventSource would understand it. */
export class EventReader {
  readonly frames: ServerFrame[] = []
  /** What stood after `event: close`. */
  closed: unknown = null
  /** The last event id. */
  id = ''
  retryMs: number | null = null
  isOver = false
  readonly response: Response
  readonly #abort: AbortController
  readonly #done: Promise<void>

  private constructor(response: Response, abort: AbortController) {
    this.response = response
    this.#abort = abort
    this.#done = this.#read().catch(() => undefined)
  }

  static async open({ url, token, lastEventId, headers = {}, body }: Followed): Promise<EventReader> {
    const abort = new AbortController()
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      signal: abort.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return new EventReader(response, abort)
  }

  of<Type extends ServerFrame['type']>(type: Type): Extract<ServerFrame, { type: Type }>[] {
    return this.frames.filter((frame): frame is Extract<ServerFrame, { type: Type }> => frame.type === type)
  }

  /** The numbers of a room's events, in the order in which they came; those of a stretch included. */
  seqs(room: number): number[] {
    return this.frames.flatMap((frame) => {
      if (frame.type === 'changes' && frame.room === room) return frame.events.map(({ seq }) => seq)
      return isEvent(frame) && frame.room === room ? [frame.seq] : []
    })
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    await until(condition, what)
  }

  async close(): Promise<void> {
    this.#abort.abort()
    await this.#done
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    try {
      for await (const chunk of this.response.body ?? []) {
        const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) this.#take(block.split('\n'))
      }
    } finally {
      this.isOver = true
    }
  }

  #take(lines: readonly string[]): void {
    let [event, data] = ['message', '']
    for (const line of lines) {
      const [, name, value = ''] = /^([a-z]*):? ?(.*)$/.exec(line) ?? []
      if (name === 'id') this.id = value
      if (name === 'retry') this.retryMs = Number(value)
      if (name === 'event') event = value
      if (name === 'data') data += value
    }
    if (data === '') return
    const value: ServerFrame | ServerFrame[] = JSON.parse(data)
    if (event === 'close') this.closed = value
    else this.frames.push(...(Array.isArray(value) ? value : [value]))
  }
}
