import { textFrame } from '../load/frames.ts'
import type { RawSocket } from '../load/raw-socket.ts'
import { content } from '../load/setup.ts'
import { DIGITS, type Stopwatch } from './stopwatch.ts'

const TICK_MS = 1

/** Sends numbered messages at a steady rate, whatever becomes of them. */
export class Pacer {
  readonly #senders: readonly RawSocket[]
  readonly #room: number
  readonly #stopwatch: Stopwatch
  /** Of this run: what the messages' own keys begin with. */
  readonly #run = crypto.getRandomValues(new Uint8Array(6)).toHex()
  #sent = 0
  #turn = 0
  #timer: ReturnType<typeof setInterval> | null = null

  constructor(senders: readonly RawSocket[], room: number, stopwatch: Stopwatch) {
    this.#senders = senders
    this.#room = room
    this.#stopwatch = stopwatch
  }

  /** In all. */
  get sent(): number {
    return this.#sent
  }

  /** From now on at this rate, so many at once. */
  start({ perSecond, atOnce }: { readonly perSecond: number; readonly atOnce: number }): void {
    this.stop()
    let last = performance.now()
    let due = 0
    this.#timer = setInterval(() => {
      const now = performance.now()
      due += ((now - last) / 1000) * perSecond
      last = now
      for (; due >= atOnce; due -= atOnce) this.#send(atOnce)
    }, TICK_MS)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  #send(count: number): void {
    const frames: Uint8Array[] = []
    for (let i = 0; i < count; i++) frames.push(this.#next())
    this.#senders[this.#turn++ % this.#senders.length]?.write(Buffer.concat(frames))
  }

  #next(): Uint8Array {
    const number = this.#sent++
    const digits = String(number).padStart(DIGITS, '0')
    this.#stopwatch.sent(number)
    return textFrame(
      JSON.stringify({
        type: 'send',
        id: number + 1,
        room: this.#room,
        body: content(digits),
        client_id: `${this.#run}-${digits}`,
      }),
    )
  }
}
