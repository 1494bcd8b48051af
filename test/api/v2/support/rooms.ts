import type { RoomEvent } from '../../../../src/api/v2/wire/index.ts'
import { Sent, Subscribed } from '../../../../src/api/v2/wire/index.ts'
import { hasMessage } from './event-message.ts'
import type { Frame, V2Client } from './v2-client.ts'

export interface Entered {
  readonly answer: Subscribed
  readonly live: Frame<'live'>
  readonly state: Frame<'state'>
}

/** Subscribes to a room. Resolves once it is live and its state has come. */
export async function enter(
  client: V2Client,
  room: number,
  after?: number,
  limit?: number,
): Promise<Entered> {
  const from = client.frames.length
  const answer = await client.result(
    {
      type: 'subscribe',
      room,
      ...(after === undefined ? {} : { after }),
      ...(limit === undefined ? {} : { limit }),
    },
    Subscribed,
  )
  const live = await client.heard('live', (frame) => frame.room === room, from)
  const state = await client.heard('state', (frame) => frame.room === room, from)
  return { answer, live, state }
}

export function send(client: V2Client, room: number, body: string, clientId?: string): Promise<Sent> {
  const key = clientId === undefined ? {} : { client_id: clientId }
  return client.result({ type: 'send', room, body, ...key }, Sent)
}

/** Everything of the room that has come numbered, by itself or in a stretch, in the order in which it came. */
export function eventsIn({ frames }: V2Client, room: number, from = 0): RoomEvent[] {
  return frames.slice(from).flatMap((frame): RoomEvent[] => {
    if (frame.type === 'changes') return frame.room === room ? frame.events : []
    return isEvent(frame) && frame.room === room ? [frame] : []
  })
}

/** What is said in the room by now, for one who has applied all of it, in its order. */
export function bodiesIn(client: V2Client, room: number): string[] {
  const bodies = new Map<number, string>()
  for (const frame of client.frames) {
    if (frame.type !== 'result' || !('snapshot' in frame.data) || frame.data.room !== room) continue
    for (const { seq, body } of frame.data.snapshot?.messages ?? []) bodies.set(seq, body)
  }
  for (const event of eventsIn(client, room)) {
    if (hasMessage(event)) bodies.set(event.message.seq, event.message.body)
  }
  return [...bodies].sort(([a], [b]) => a - b).flatMap(([, body]) => (body === '' ? [] : body))
}

const EVENTS: ReadonlySet<string> = new Set<RoomEvent['type']>([
  'message',
  'edited',
  'deleted',
  'member',
  'room',
  'reaction',
  'restraint',
  'rules',
  'pin',
])

export function isEvent(frame: Frame): frame is Extract<Frame, RoomEvent> {
  return EVENTS.has(frame.type)
}

/** Resolves once the client has everything of the room up to the number. */
export function reached(client: V2Client, room: number, seq: number): Promise<void> {
  return client.until(() => (client.positionIn(room) ?? 0) >= seq, `number ${seq} of room ${room}`)
}
