// What a codec says that it shows of signals is what it makes frames of: what signals cost a room is counted by that.
import { expect, test } from 'bun:test'
import { directCodec } from '../../../src/api/room-socket/direct-frames.ts'
import { roomCodec } from '../../../src/api/room-socket/room-frames.ts'
import { codec as v1Codec } from '../../../src/api/v1/frames.ts'
import { v2Codec } from '../../../src/api/v2/socket/codec.ts'
import type { Signal, SignalKind } from '../../../src/core/index.ts'
import { id, seq, userRef } from '../../core/fakes/values.ts'

const roomId = id(7)
const user = userRef(1)
const at = new Date(0)
const signals: Readonly<Record<SignalKind, readonly Signal[]>> = {
  typing: [{ type: 'typing', roomId, user, typing: true }],
  marks: [{ type: 'marks', roomId, user, readSeq: seq(1), deliveredSeq: seq(1), quiet: false }],
  visit: [
    { type: 'arrived', roomId, user, at },
    { type: 'departed', roomId, user, at },
  ],
  presence: [{ type: 'presence', user, online: true, lastSeen: null, rooms: [roomId] }],
}

for (const codec of [v1Codec, v2Codec, roomCodec, directCodec]) {
  test(`${codec.name} makes frames of the kinds of signals that it says it shows, and of no others`, () => {
    const room = { id: roomId, name: 'room' }
    const shown = Object.entries(signals).filter(([, those]) =>
      those.some((signal) => codec.signal(signal, room) !== null),
    )
    expect(shown.map(([kind]) => kind).sort()).toEqual([...codec.shows].sort())
  })
}
