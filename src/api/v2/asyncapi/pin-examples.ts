import type { ClientFrame, PinEvent } from '../wire/index.ts'
import type { Examples, Results } from './example-types.ts'
import { alice } from './story.ts'

/* The examples of pins; a part of `examples.ts`. */

type Pinning = Extract<ClientFrame, { type: 'pin' }>

export const pinRequests: Examples<Pinning> = {
  pin: [{ summary: 'Pins message 43', payload: { type: 'pin', id: 20, room: 7, seq: 43, on: true } }],
}

export const pinResults: Results<Pinning['type']> = {
  pin: [
    {
      summary: 'Told with number 49',
      payload: { type: 'result', id: 20, data: { room: 7, seq: 43, on: true, shown_at: 49 } },
    },
  ],
}

export const pinFrames: Examples<PinEvent> = {
  pin: [
    {
      summary: 'Alice has pinned message 43',
      payload: {
        type: 'pin',
        room: 7,
        seq: 49,
        message: 43,
        on: true,
        actor: alice,
        at: '2026-02-13T10:06:00.000Z',
      },
    },
  ],
}
