import { Deliveries } from './deliveries.ts'
import { NumberedFrame } from './numbered-frame.ts'
import { Pace } from './pace.ts'
import type { RawSocket } from './raw-socket.ts'
import type { RoomsPlan, Traffic } from './rooms-plan.ts'

const TICK_MS = 1

/** What is sent to the rooms, one traffic after the other, and what has been heard of it. */
export class RoomTraffic {
  readonly deliveries = new Deliveries(() => performance.now())
  readonly #rooms: Room[]
  /** What follows when a message was heard by one, and by everyone. */
  #onHeard: (room: number, client: number) => void = nothing
  #onDone: () => void = nothing
  #timer: ReturnType<typeof setInterval> | null = null
  #turn = 0

  /** @param clients of each room; may still come to be */
  constructor({ rooms }: RoomsPlan) {
    this.#rooms = rooms.map(({ frame }) => ({ frame: new NumberedFrame(frame), clients: [] }))
  }

  attach(clients: readonly (readonly RawSocket[])[]): void {
    for (const [index, room] of this.#rooms.entries()) room.clients = clients[index] ?? []
  }

  hear(number: number, room: number, client: number): void {
    const done = this.deliveries.hear(number)
    this.#onHeard(room, client)
    if (done) this.#onDone()
  }

  start(traffic: Traffic): void {
    switch (traffic.mode) {
      case 'bursts': {
        let awaited = 0
        const burst = () => {
          awaited = traffic.atOnce
          this.#send(0, 0, traffic.atOnce)
        }
        this.#onHeard = (room, client) => {
          if (room === 0 && client === 0 && --awaited === 0) burst()
        }
        burst()
        return
      }
      case 'in flight':
        this.#onDone = () => this.#sendByTurns(1)
        this.#sendByTurns(traffic.count)
        return
      case 'paced': {
        const pace = new Pace(traffic.perSecond, performance.now())
        this.#timer = setInterval(() => this.#sendByTurns(pace.due(performance.now())), TICK_MS)
      }
    }
  }

  /** Sends no more. */
  stop(): void {
    this.#onHeard = nothing
    this.#onDone = nothing
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  #sendByTurns(count: number): void {
    for (let i = 0; i < count; i++) {
      const turn = this.#turn++
      const room = turn % this.#rooms.length
      const clients = this.#rooms[room]?.clients.length ?? 0
      this.#send(room, Math.floor(turn / this.#rooms.length) % clients, 1)
    }
  }

  #send(index: number, client: number, count: number): void {
    const room = this.#rooms[index]
    const socket = room?.clients[client]
    if (room === undefined || socket === undefined) throw new Error(`no client ${client} of room ${index}`)
    const frames = Array.from({ length: count }, () =>
      room.frame.of(this.deliveries.next(room.clients.length)),
    )
    const [first] = frames
    socket.write(count === 1 && first !== undefined ? first : Buffer.concat(frames))
  }
}

function nothing(): void {
  return
}

interface Room {
  readonly frame: NumberedFrame
  clients: readonly RawSocket[]
}
