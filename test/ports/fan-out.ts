import { beforeAll, describe, expect, test } from 'bun:test'
import {
  carriesMessage,
  type FanOut,
  jsonText,
  type MessageEvent,
  type RoomEvent,
  type RoomId,
} from '../../src/core/index.ts'
import { id, message, userRef } from '../core/fakes/values.ts'
import { until } from '../support/until.ts'

export interface FanOutNode {
  readonly fanOut: FanOut
  /** What it has heard from the others, in that order. */
  readonly heard: readonly RoomEvent[]
}

/** Two nodes that are connected. */
export type MakeFanOut = () => Promise<readonly [FanOutNode, FanOutNode]>

/** What `FanOut` promises while everything works. */
export function fanOutContract(make: MakeFanOut): void {
  describe('fan-out', () => {
    let one: FanOutNode
    let two: FanOutNode
    let made = 0
    beforeAll(async () => {
      ;[one, two] = await make()
    })

    test.each([...everyKind(), withDetails(), ...replies(), pin()])(
      'carries an event unchanged: $type',
      async (event) => {
        const room = fresh()
        await two.fanOut.listen(room)
        const sent = carriesMessage(event) ? inRoom(event, room) : { ...event, roomId: room }
        one.fanOut.publishEvents(room, [sent])
        await heardBy(two, room, 1)
        expect(of(two, room)).toStrictEqual([sent])
      },
    )

    test('carries each event once and in order, from both sides, only to the other one', async () => {
      const rooms = Array.from({ length: 20 }, fresh)
      for (const room of rooms) await Promise.all([one.fanOut.listen(room), two.fanOut.listen(room)])
      const sent = new Map<FanOutNode, Map<RoomId, RoomEvent[]>>()
      for (const node of [one, two]) sent.set(node, new Map(rooms.map((room) => [room, []])))
      for (let turn = 0; turn < 300; turn++) {
        for (const node of [one, two]) {
          const room = rooms[(turn * 7) % rooms.length] ?? id(1)
          const before = sent.get(node)?.get(room) ?? []
          const batch = Array.from({ length: 1 + (turn % 5) }, (_, i) => said(room, before.length + i + 1))
          before.push(...batch)
          node.fanOut.publishEvents(room, batch)
        }
        if (turn % 50 === 0) await Bun.sleep(0)
      }
      for (const [from, to] of [
        [one, two],
        [two, one],
      ] as const) {
        for (const [room, events] of sent.get(from) ?? []) {
          await heardBy(to, room, events.length)
          expect(of(to, room)).toStrictEqual(events)
        }
      }
    })

    test('misses nothing from the moment that `listen` resolves', async () => {
      for (let i = 0; i < 40; i++) {
        const room = fresh()
        await two.fanOut.listen(room)
        one.fanOut.publishEvents(room, [said(room, 1)])
        await heardBy(two, room, 1)
        if (i % 2 === 0) two.fanOut.forget(room)
      }
    })

    test('misses nothing for many rooms at once', async () => {
      const rooms = Array.from({ length: 200 }, fresh)
      await Promise.all(
        rooms.map(async (room) => {
          await two.fanOut.listen(room)
          one.fanOut.publishEvents(room, [said(room, 1)])
        }),
      )
      for (const room of rooms) await heardBy(two, room, 1)
      for (const room of rooms) expect(of(two, room)).toHaveLength(1)
    })

    test('carries nothing for rooms without listeners', async () => {
      const [never, once, twice, marker] = [fresh(), fresh(), fresh(), fresh()]
      for (const room of [once, twice, twice, marker]) await two.fanOut.listen(room)
      for (const room of [once, twice]) two.fanOut.forget(room)
      for (const room of [never, once, twice, marker]) one.fanOut.publishEvents(room, [said(room, 1)])
      for (const room of [twice, marker]) await heardBy(two, room, 1)
      // The rooms may take different ways: what was published before on any of them has come when this has.
      for (const [k, room] of [never, once].entries()) {
        const neighbours = Array.from({ length: 16 }, (_, i) => id((k + 1) * 1_000_000 + i))
        for (const other of neighbours) await two.fanOut.listen(other)
        for (const other of neighbours) one.fanOut.publishEvents(other, [said(other, 1)])
        for (const other of neighbours) await heardBy(two, other, 1)
        expect(of(two, room)).toEqual([])
      }
    })

    test('carries a batch of any size', async () => {
      const room = fresh()
      await two.fanOut.listen(room)
      const big = Array.from({ length: 1000 }, (_, i) => said(room, i + 1, 'ж😀"\\\n\u2028'.repeat(300)))
      one.fanOut.publishEvents(room, big)
      one.fanOut.publishEvents(room, [])
      one.fanOut.publishEvents(room, [said(room, 1001)])
      await heardBy(two, room, 1001)
      expect(of(two, room)).toStrictEqual([...big, said(room, 1001)])
    })

    test('stays consistent under load', async () => {
      await until(() => one.fanOut.whole && two.fanOut.whole, 'both to be whole')
    })

    /** A room that no other test has. */
    function fresh(): RoomId {
      return id(++made)
    }
  })
}

function of(node: FanOutNode, room: RoomId): RoomEvent[] {
  return node.heard.filter((event) => event.roomId === room)
}

async function heardBy(node: FanOutNode, room: RoomId, count: number): Promise<void> {
  await until(() => of(node, room).length >= count, `${count} events of room ${room}`)
}

/** The version before does not know it. */
export function pin(): RoomEvent {
  const facts = { roomId: id(5), seq: id(9), message: id(7), on: true, actor: userRef(9) }
  return { type: 'pin', ...facts, at: new Date(1_700_000_000_123) }
}

export function said(room: RoomId, at: number, body = `message ${at}`): RoomEvent {
  return { type: 'message', roomId: room, seq: id(at), message: message(room, at, { body }) }
}

function inRoom(event: MessageEvent, roomId: RoomId): RoomEvent {
  return { ...event, roomId, message: { ...event.message, roomId } }
}

/** A message with details, which has a form of its own between nodes. */
export function withDetails(): MessageEvent {
  const details = { metadata: jsonText({ said: 'Änn "x" 😀', at: [1, null] }) }
  return { type: 'message', roomId: id(1), seq: id(7), message: message(1, 7, { details }) }
}

/** Replies: sent, sent for their thread alone, deleted as the last one of it, and from before there were threads. */
export function replies(): MessageEvent[] {
  const [roomId, root] = [id(1), id(3)]
  const thread = {
    ...{ root, replies: 2, participants: 1, users: [{ id: id(9), username: 'Änn "x" 😀' }] },
    ...{ lastSeq: id(7), lastAt: new Date(1_700_000_000_123), changedSeq: id(7) },
  }
  const none = {
    ...thread,
    replies: 0,
    participants: 0,
    users: [],
    lastSeq: null,
    lastAt: null,
    changedSeq: id(8),
  }
  const reply = message(1, 7, { replyTo: id(5), root, thread })
  const details = { metadata: jsonText({ said: 1 }) }
  const deleted = { ...reply, body: '', thread: none, versionSeq: id(8), deletedAt: new Date(0) }
  return [
    { type: 'message', roomId, seq: id(7), message: reply },
    { type: 'message', roomId, seq: id(7), message: { ...reply, inRoom: false, thread: null, details } },
    { type: 'deleted', roomId, seq: id(8), message: deleted },
    {
      type: 'edited',
      roomId,
      seq: id(8),
      message: { ...reply, versionSeq: id(8), root: null, thread: null },
    },
  ]
}

/** Each type, with what is hard to carry. */
export function everyKind(): RoomEvent[] {
  const [roomId, at] = [id(1), new Date(1_700_000_000_123)]
  const body = 'Änn "said" \\ 😀\n\u0000\u2028 \ud800'
  const plain = message(1, 7, { body, createdAt: at, sender: { id: id(9), username: 'Änn "x" 😀\n' } })
  const edited = {
    ...plain,
    kind: 'image',
    versionSeq: id(8),
    editedAt: new Date(0),
    details: null,
  }
  const deleted = { ...edited, body: '', deletedAt: new Date(Date.UTC(9999, 11, 31)) }
  const big = { ...plain, id: id(Number.MAX_SAFE_INTEGER), seq: id(Number.MAX_SAFE_INTEGER), clientId: '' }
  const member = { roomId, user: userRef(2), actor: userRef(3), at } as const
  return [
    { type: 'message', roomId, seq: id(7), message: plain },
    { type: 'message', roomId, seq: id(Number.MAX_SAFE_INTEGER), message: big },
    { type: 'edited', roomId, seq: id(8), message: edited },
    { type: 'deleted', roomId, seq: id(9), message: deleted },
    { ...member, seq: id(10), type: 'joined', role: 'member' },
    { ...member, seq: id(11), type: 'removed', role: null },
    { ...member, seq: id(12), type: 'uninvited', role: null },
    { ...member, seq: id(14), type: 'left', role: null },
    { ...member, seq: id(15), type: 'invited', role: null },
    { ...member, seq: id(16), type: 'role', role: 'admin' },
    {
      type: 'described',
      roomId,
      seq: id(13),
      actor: userRef(4),
      description: body,
      avatar: '',
      metadata: null,
      at,
    },
  ]
}
