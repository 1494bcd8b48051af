import { beforeAll, describe, expect, test } from 'bun:test'
import type { RoomId, Signal, Signals } from '../../src/core/index.ts'
import { id, seq, userRef } from '../core/fakes/values.ts'
import { until } from '../support/until.ts'

export interface NodeUnderTest {
  readonly signals: Signals
  /** What its listener has heard, in that order. */
  readonly heard: readonly Signal[]
  /** Resolves once the node hears what concerns the room's listeners. */
  listen(room: RoomId): Promise<void>
}

/** Two nodes that are connected; one that is alone stands for both. */
export type MakeSignals = () => Promise<readonly [NodeUnderTest, NodeUnderTest]>

/** What `Signals` promises while everything works. */
export function signalsContract(make: MakeSignals): void {
  describe('signals', () => {
    let nodes: readonly [NodeUnderTest, NodeUnderTest]
    beforeAll(async () => {
      nodes = await make()
    })

    const kinds: Signal[] = [
      {
        type: 'arrived',
        roomId: id(1),
        user: { id: id(2), username: 'Änn "x" 😀\n' },
        at: new Date(1_700_000_000_123),
      },
      { type: 'departed', roomId: id(Number.MAX_SAFE_INTEGER), user: userRef(3), at: new Date(0) },
      { type: 'room_deleted', roomId: id(4) },
      { type: 'token_revoked', userId: id(5), hash: 'ab'.repeat(32) },
      { type: 'marks', roomId: id(6), user: userRef(7), readSeq: seq(0), deliveredSeq: id(8), quiet: true },
      {
        type: 'membership',
        roomId: id(9),
        user: userRef(10),
        change: 'uninvited',
        role: null,
        actor: userRef(11),
      },
      {
        type: 'membership',
        roomId: id(9),
        user: userRef(10),
        change: 'room_deleted',
        role: null,
        actor: userRef(11),
        seq: seq(7),
      },
      { type: 'presence', user: userRef(12), online: true, lastSeen: null, rooms: [id(13), id(14)] },
      {
        type: 'presence',
        user: userRef(12),
        online: false,
        lastSeen: new Date(1_700_000_000_123),
        rooms: [],
      },
      { type: 'typing', roomId: id(15), user: userRef(16), typing: false },
    ]

    test.each(kinds)('reach every node concerned unchanged: $type', async (signal) => {
      if ('roomId' in signal) for (const node of nodes) await node.listen(signal.roomId)
      for (const { signals } of nodes) {
        const before = nodes.map(({ heard }) => heard.length)
        signals.publish(signal)
        await until(
          () => nodes.every(({ heard }, i) => heard.length > (before[i] ?? 0)),
          'the signal on every node',
        )
        for (const { heard } of nodes) expect(heard.at(-1)).toStrictEqual(signal)
      }
    })

    const orders: [string, (i: number) => Signal][] = [
      ['to everybody', (i) => ({ type: 'room_deleted', roomId: id(1000 + i) })],
      ['of one room', (i) => ({ type: 'typing', roomId: id(900), user: userRef(1000 + i), typing: true })],
    ]
    test.each(orders)('of one node %s arrive in the order sent, each once', async (_, make) => {
      const [first] = nodes
      for (const node of nodes) await node.listen(id(900))
      const sent = Array.from({ length: 500 }, (_, i) => make(i))
      const before = nodes.map(({ heard }) => heard.length)
      for (const signal of sent) first.signals.publish(signal)
      for (const [i, { heard }] of nodes.entries()) {
        await until(() => Bun.deepEquals(heard.at(-1), sent.at(-1)), 'the last signal')
        expect(heard.slice(before[i])).toEqual(sent)
      }
    })
  })
}
