import { expect } from 'bun:test'
import { Type as t } from '@sinclair/typebox'
import { until } from '../../../support/until.ts'
import { parse } from '../../support/shape.ts'
import { contractNamed } from './contracts.ts'
import { readChats } from './direct-list.ts'
import { makePair, makeRoom, type Person, type Room, type ServerUrls } from './people.ts'
import { type Listener, listen } from './sockets.ts'
import type { Tables } from './stored.ts'

export type Side = 0 | 1

/** How many of the chat's messages, from the first on, a side has read: at least and at most. */
interface Read {
  low: number
  high: number
}

export type DirectWorld = Awaited<ReturnType<typeof openDirectWorld>>

/**
 * A direct chat of two, with a model of who has read what: whoever has a socket in the chat has read everything, and who
 * has none reads nothing. Each step resolves once all that it brings about has reached every open socket.
 */
export async function openDirectWorld(server: ServerUrls, tables: Tables) {
  const people = await makePair(server, 'left', 'right')
  const room: Room = await makeRoom(server, 'direct', people[0], [people[1]])
  const sockets: readonly [Listener[], Listener[]] = [[], []]
  const read: readonly [Read, Read] = [
    { low: 0, high: 0 },
    { low: 0, high: 0 },
  ]
  const senders: Side[] = []

  async function settle(): Promise<void> {
    const all = sockets.flat()
    await until(
      () => all.every(({ messages }) => messages().length >= senders.length),
      'every message to arrive',
    )
    for (const side of SIDES) if (sockets[side].length > 0) hasRead(side, senders.length)
  }

  function hasRead(side: Side, low: number, high = low): void {
    read[side].low = Math.max(read[side].low, low)
    read[side].high = Math.max(read[side].high, high)
  }

  function say(side: Side, count: number): void {
    const [speaker] = sockets[side]
    if (speaker === undefined) return
    for (let i = 0; i < count; i++) {
      senders.push(side)
      speaker.say(`${senders.length}`)
    }
  }

  async function connect(side: Side): Promise<void> {
    const person = people[side]
    sockets[side].push(await listen(contractNamed('direct chats'), { server, room, person }))
  }

  async function leave(side: Side): Promise<void> {
    const leaving = sockets[side].splice(0)
    await Promise.all(leaving.map(({ socket }) => socket.close()))
    if (leaving.length === 0) return
    // What comes while it is closing may be read or not; what it was shown is.
    const shown = Math.max(...leaving.map(({ messages }) => messages().length))
    hasRead(side, shown, senders.length)
  }

  return {
    people,
    room,
    sockets,
    senders,

    async connect(side: Side) {
      await connect(side)
      await settle()
    },

    async disconnect(side: Side) {
      await sockets[side].shift()?.socket.close()
    },

    async say(side: Side, count: number) {
      say(side, count)
      await settle()
    },

    /** By requests of another contract, for which one need not be in the chat: it reads nothing. */
    async post(side: Side, count: number) {
      for (let i = 0; i < count; i++) {
        senders.push(side)
        await contractNamed('v1').post?.({ server, room, person: people[side] }, `${senders.length}`)
      }
      await settle()
    },

    /** A side talks while the other one comes in, or goes with all of its sockets. */
    async sayWhile(side: Side, count: number, otherDoes: 'come' | 'go') {
      const other = side === 0 ? 1 : 0
      say(side, count)
      const moving = otherDoes === 'come' ? connect(other) : leave(other)
      say(side, count)
      await moving
      await settle()
    },

    /** Both sides drop all of their sockets and come back, at once; new ones open before or after the old ones close. */
    async reconnectBoth(before: boolean) {
      const old = SIDES.map((side) => sockets[side].splice(0))
      const close = () => Promise.all(old.flat().map(({ socket }) => socket.close()))
      const open = () => Promise.all([connect(0), connect(1), connect(0)])
      await Promise.all(before ? [open(), close()] : [close(), open()])
      await settle()
    },

    async leaveAll() {
      await Promise.all(SIDES.map(leave))
    },

    /** The list and the tables say what the model says. */
    async check() {
      for (const side of SIDES) {
        const person: Person = people[side]
        const { low } = read[side]
        const mark = async () => (await tables.readMarks(room)).get(person.id) ?? Number.NaN
        await until(async () => (await mark()) >= low, `${low} messages to be read`)
        await until(async () => {
          const [chat] = await readChats(server, person)
          return chat?.unread_count === (await recount(side, await mark()))
        }, 'the list to agree with the tables')
        const [chat] = await readChats(server, person)
        const { high } = read[side]
        expect(chat?.unread_count).toBeGreaterThanOrEqual(unreadAfter(side, high))
        expect(chat?.unread_count).toBeLessThanOrEqual(unreadAfter(side, low))
        expect(chat?.last_message?.body).toBe(senders.length === 0 ? undefined : `${senders.length}`)
      }
    },

    /** What a side is shown when it comes in tells which messages are read by whom they are for. */
    async checkReplay(side: Side) {
      const other = side === 0 ? 1 : 0
      const before = [read[0], read[1]].map((one) => ({ ...one }))
      await connect(side)
      await settle()
      const frames = sockets[side][0]?.messages() ?? []
      expect(frames).toHaveLength(senders.length)
      for (const [index, sender] of senders.entries()) {
        const { message } = parse(Frame, frames[index])
        expect(message).toMatchObject({ body: `${index + 1}`, sender: people[sender].username })
        const { low, high } = before[sender === side ? other : side] ?? { low: 0, high: 0 }
        if (index < low) expect(message.is_read).toBe(true)
        if (index >= high) expect(message.is_read).toBe(false)
      }
    },
  }

  function unreadAfter(side: Side, count: number): number {
    return senders.filter((sender, index) => sender !== side && index >= count).length
  }

  async function recount(side: Side, mark: number): Promise<number> {
    const stored = await tables.messages(room)
    return stored.filter(({ seq, senderId }) => seq > mark && senderId !== people[side].id).length
  }
}

const SIDES = [0, 1] as const
const Frame = t.Object({ message: t.Object({ body: t.String(), sender: t.String(), is_read: t.Boolean() }) })
