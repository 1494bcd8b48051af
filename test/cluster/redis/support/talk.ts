import type { RoomId } from '../../../../src/core/index.ts'
import { id } from '../../../core/fakes/values.ts'
import { said } from '../../../ports/fan-out.ts'
import { until } from '../../../support/until.ts'
import type { BusNode } from './bus-node.ts'

/** One node says something in a room, again and again until the other hears one of it: then they hear each other. */
export async function hears(from: BusNode, to: BusNode, room: RoomId, timeoutMs?: number): Promise<void> {
  const before = to.heard.length
  let at = 1_000_000
  await until(
    () => {
      from.bus.publishEvents(room, [said(room, at++)])
      return to.heard.slice(before).some(({ roomId, seq }) => roomId === room && seq >= 1_000_000)
    },
    `room ${room} to be heard`,
    timeoutMs,
  )
}

/**
 * Says numbered things in rooms, and knows afterwards whether any of it was missed silently: what a node has committed
 * either comes to the other, or a loss is told to it after that, upon which it looks in the database.
 */
export class Talk {
  readonly #to: BusNode
  readonly #said: { room: RoomId; seq: number; losses: number }[] = []
  readonly #next = new Map<RoomId, number>()

  constructor(to: BusNode) {
    this.#to = to
  }

  get count(): number {
    return this.#said.length
  }

  say(from: BusNode, room: RoomId, body = 'said'): void {
    const seq = (this.#next.get(room) ?? 0) + 1
    this.#next.set(room, seq)
    this.#said.push({ room, seq, losses: this.#to.lost.length })
    from.bus.publishEvents(room, [said(room, id(seq), body)])
  }

  /** What has neither come, nor was told to be lost since it was said. */
  get missing(): string[] {
    const came = new Set(this.#to.heard.map(({ roomId, seq }) => `${roomId}: ${seq}`))
    return this.#said.flatMap(({ room, seq, losses }) => {
      const known =
        came.has(`${room}: ${seq}`) || this.#to.lost.slice(losses).some((concerns) => concerns(room))
      return known ? [] : [`${room}: ${seq}`]
    })
  }

  /** What has come twice, or out of order. */
  get disorder(): string[] {
    const last = new Map<RoomId, number>()
    return this.#to.heard.flatMap(({ roomId, seq }) => {
      const before = last.get(roomId) ?? 0
      last.set(roomId, seq)
      return seq > before ? [] : [`${roomId}: ${seq} after ${before}`]
    })
  }
}
