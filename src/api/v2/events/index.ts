/*
 * The live side of v2 without a socket: answers over HTTP that last, with the frames of a socket. `stream-session.ts` makes the
 * requests that the client of a socket would make, and the socket's own session does the rest. `stream-position.ts` is what the ids of
 * events hold.
 */
import { type TSchema, Type } from '@sinclair/typebox'
import { ChatError, type RoomId, type Seq } from '../../../core/index.ts'
import { Connection, responseOf, type Server, type StreamFormat } from '../../../server/index.ts'
import { notSignedIn, speakerOf } from '../../shared/index.ts'
import { idIn, seqIn } from '../ids.ts'
import { group } from '../rest/group.ts'
import { codecShowing, type ShownSignal, SIGNALS } from '../socket/codec.ts'
import type { V2SocketOptions } from '../socket/options.ts'
import { Peer } from '../socket/peer.ts'
import { SNAPSHOT_MESSAGES } from '../socket/requests.ts'
import * as wire from '../wire/index.ts'
import { eventStream } from './event-stream.ts'
import { FrameList } from './frame-list.ts'
import { EventsQuery, limitIn, positionIn, roomsIn, signalsIn, takesBatches } from './queries.ts'
import { lasting, polled } from './stream-kinds.ts'
import { type StreamHooks, StreamSession, type StreamWanted } from './stream-session.ts'

/** Typing would be over when it is told. */
const POLLED_SIGNALS = ['marks', 'presence'] as const

interface Opening extends StreamWanted {
  readonly signals: readonly ShownSignal[]
  readonly batch: boolean
}

/** @param errors the error responses of the routes, for the documentation */
export function v2Events(server: Server, options: V2SocketOptions, errors: Record<number, TSchema>) {
  /** @throws ChatError as a handshake does */
  async function open(
    request: Request,
    { signals, batch, ...wanted }: Opening,
    format: StreamFormat,
    kind: (peer: Peer, session: StreamSession) => StreamHooks,
  ): Promise<Response> {
    const most = options.maxSubscriptions
    if ((wanted.rooms?.length ?? 0) > most)
      throw new ChatError('conflict', `rooms: at most ${most}`, { field: 'rooms' })
    server.expectStream(request)
    const own = server.clientSide(request).origin
    const identity = await server.identities.find(request, { own, query: true })
    if (identity === null) throw notSignedIn()
    const speaker = speakerOf(identity.user, identity)
    const connection = new Connection(speaker, (own) => {
      const peer = new Peer(server, options, own, codecShowing(signals))
      return new StreamSession(peer, wanted, (session) => kind(peer, session))
    })
    connection.takesBatches = batch
    return server.stream(request, connection, format)
  }

  return group('events')
    .get(
      '/events',
      ({ request, query }) => {
        const opening = {
          rooms: roomsIn(query),
          position: positionIn(query, request.headers),
          limit: limitIn(query),
          signals: signalsIn(query),
          batch: takesBatches(query),
        }
        return open(request, opening, eventStream, (peer, session) => lasting(peer, session, true))
      },
      {
        query: EventsQuery,
        response: { 200: streamed, ...errors },
        detail: {
          operationId: 'followEvents',
          summary:
            "Follow the caller's rooms as server-sent events: the frames of the socket. `Last-Event-ID` continues where an earlier stream has ended, on any node",
        },
      },
    )
    .post(
      '/events',
      ({ request, body }) => {
        const opening = { ...openingOf(body), signals: body.signals ?? SIGNALS, batch: body.batch ?? false }
        return open(request, opening, eventStream, (peer, session) => lasting(peer, session, false))
      },
      {
        transform: expectList,
        body: wire.EventsRequest,
        response: { 200: streamed, ...errors },
        detail: {
          operationId: 'followEventsAfter',
          summary:
            'Follow rooms as server-sent events, after positions that the client keeps itself; without ids',
        },
      },
    )
    .post(
      '/poll',
      ({ request, body }) => {
        const list = new FrameList()
        const opening = { ...openingOf(body), signals: POLLED_SIGNALS, batch: false }
        const waitMs = (body.wait ?? 0) * 1000
        return open(request, opening, list, (peer) => polled(peer, list, waitMs))
      },
      {
        transform: expectList,
        body: wire.PollRequest,
        response: { 200: wire.Polled, ...errors },
        detail: {
          operationId: 'pollEvents',
          summary: 'Wait for what happens in rooms after positions that the client keeps itself (long poll)',
        },
      },
    )
}

/**
 * Elysia copies lists of lists before it checks them, which makes a list of a text.
 * @throws ChatError `invalid`
 */
function expectList({ body }: { readonly body: unknown }): void {
  if (typeof body === 'object' && body !== null && 'rooms' in body && !Array.isArray(body.rooms))
    throw new ChatError('invalid', 'rooms: must be a list', { field: 'rooms' })
}

function openingOf(asked: wire.EventsRequest): StreamWanted {
  const { rooms, epoch, limit, memberships } = asked
  const ids: RoomId[] = []
  const known = new Map<RoomId, Seq>()
  for (const [room, after] of rooms) {
    const id = idIn('rooms', room ?? 0)
    ids.push(id)
    if (typeof after === 'number') known.set(id, seqIn('rooms', after))
  }
  return {
    rooms: [...new Set(ids)],
    position: {
      rooms: known,
      ...(epoch === undefined ? {} : { epoch }),
      ...(memberships === undefined ? {} : { memberships: seqIn('memberships', memberships) }),
    },
    limit: limit ?? SNAPSHOT_MESSAGES,
    ...(asked.private === undefined ? {} : { privateAfter: seqIn('private', asked.private) }),
  }
}

const streamed = responseOf(Type.String(), {
  description: 'Frames, as server-sent events, until either side ends it',
  mediaType: 'text/event-stream',
  example: 'data: {"type":"live","room":7,"seq":42}\n\nid: 12~Byo~1-5f0c9a1e.7d31b2c40e96a58f.57\n\n',
})
