import type { ChangesFrame, ClientFrame, RoomEvent, ServerFrame } from '../../../../src/api/v2/wire/index.ts'
import { hasMessage } from './event-message.ts'

/**
 * What the contract promises of every connection, whatever a test is about: each request has one answer, numbers are dense
 * and come for rooms that were subscribed to, frames of changes lead on from one another.
 */
export class RoomOrder {
  readonly problems: string[] = []
  /** By room: the number up to which everything has come; absent where it is not heard. */
  readonly #positions = new Map<number, number>()
  readonly #asked = new Map<number | string, ClientFrame[]>()

  asked(request: ClientFrame): void {
    const { id } = request
    if (id === undefined) return
    this.#asked.set(id, [...(this.#asked.get(id) ?? []), request])
  }

  /** Requests that have no answer yet. */
  get open(): number {
    return [...this.#asked.values()].reduce((sum, { length }) => sum + length, 0)
  }

  positionIn(room: number): number | undefined {
    return this.#positions.get(room)
  }

  took(frame: ServerFrame): void {
    switch (frame.type) {
      case 'result':
      case 'error':
        this.#answered(frame)
        break
      case 'message':
      case 'edited':
      case 'deleted':
      case 'member':
      case 'room':
      case 'reaction':
      case 'pin':
      case 'restraint':
      case 'rules': {
        this.#expect(frame.seq === this.#position(frame.room) + 1, frame)
        this.#expect(isWhole(frame), frame)
        this.#positions.set(frame.room, frame.seq)
        break
      }
      case 'changes':
        this.#expect(frame.after === this.#position(frame.room), frame)
        this.#expect(leadsOn(frame), frame)
        this.#positions.set(frame.room, frame.to)
        break
      case 'live':
        this.#expect(frame.seq === this.#position(frame.room), frame)
        break
      case 'state':
        this.#expect(frame.head <= this.#position(frame.room), frame)
        break
      case 'heartbeat':
        for (const [room, head] of Object.entries(frame.heads)) {
          this.#expect(head === this.#position(Number(room)), frame)
        }
        break
      case 'unsubscribed':
        this.#expect(this.#positions.delete(frame.room), frame)
    }
  }

  #answered(frame: Extract<ServerFrame, { type: 'result' | 'error' }>): void {
    if (frame.id === null) return
    const request = this.#asked.get(frame.id)?.shift()
    if (request === undefined) {
      this.problems.push(`nobody asked for ${JSON.stringify(frame)}`)
      return
    }
    if (request.type === 'unsubscribe' || (request.type === 'subscribe' && frame.type === 'error')) {
      this.#positions.delete(request.room)
    }
    if (request.type !== 'subscribe' || frame.type !== 'result') return
    const { data } = frame
    this.#expect('mode' in data, frame)
    if (!('mode' in data)) return
    const { mode, head, snapshot } = data
    this.#expect((mode === 'snapshot') === (snapshot !== null), frame)
    if (snapshot !== null) this.#expect(snapshot.room.head === head, frame)
    this.#positions.set(request.room, mode === 'snapshot' ? head : (request.after ?? -1))
  }

  #position(room: number): number {
    return this.#positions.get(room) ?? -1
  }

  #expect(holds: boolean, frame: ServerFrame): void {
    if (holds) return
    const positions = JSON.stringify([...this.#positions])
    this.problems.push(`out of place at ${positions}: ${JSON.stringify(frame).slice(0, 500)}`)
  }
}

function leadsOn({ room, after, to, events }: ChangesFrame): boolean {
  const numbers = [after, ...events.map(({ seq }) => seq)]
  return (
    to > after &&
    numbers.every((seq, i) => i === 0 || seq > (numbers[i - 1] ?? 0)) &&
    (numbers.at(-1) ?? 0) <= to &&
    events.every((event) => event.room === room && isWhole(event, Number.POSITIVE_INFINITY))
  )
}

/** @param known the number up to which later changes of a message may be in its event already: in a stretch it is as it is now */
function isWhole(event: RoomEvent, known: number = event.seq): boolean {
  if (!hasMessage(event)) return true
  const { message, type, seq } = event
  const { version, edited_at, deleted_at, body, attachments } = message
  if (message.room !== event.room || (version !== null && version > known)) return false
  if ((version === null) !== (edited_at === null && deleted_at === null)) return false
  const isEmpty = body === '' && attachments === undefined
  if ((deleted_at !== null) !== isEmpty) return false
  if (type === 'message') return message.seq === seq
  if (message.seq >= seq || version === null || version < seq) return false
  return type === 'deleted' ? deleted_at !== null : edited_at !== null
}
