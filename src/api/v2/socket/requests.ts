import { ChatError } from '../../../core/index.ts'
import { markedBody, ownThreadBody, reactedBody } from '../bodies.ts'
import { detailsChangeIn, detailsIn, mentionsIn } from '../details-bodies.ts'
import { tellMember } from '../ephemeral.ts'
import { idIn, seqIn } from '../ids.ts'
import type { ClientFrame, RequestId } from '../wire/index.ts'
import { authenticate } from './door.ts'
import { tellMemberships } from './memberships.ts'
import { moderate } from './moderation.ts'
import { markUnread, saveMessage } from './own-state.ts'
import type { Peer } from './peer.ts'
import { pin } from './pins.ts'
import type { PrivateStream } from './private-stream.ts'
import { writeDraft, writeNotifications } from './private-writes.ts'
import type { SubscriptionWanted } from './subscription-start.ts'
import type { Subscriptions } from './subscriptions.ts'
import { type Job, WorkQueue } from './work-queue.ts'

/** The most requests of one connection that are carried out at the same time, each with statements of its own. */
const AT_ONCE = 16
/**
 * The same for requests that a client makes for each of its rooms: subscriptions and marks. Theirs are carried out together, many by
 * one statement, so the more there are at once the fewer statements it takes.
 */
const BATCHED_AT_ONCE = 256
/** The most requests of either kind that may wait, in addition to one for each room. */
const WAITING = 100
export const SNAPSHOT_MESSAGES = 50

/** Carries out the requests of one connection. */
export class Requests {
  readonly #peer: Peer
  readonly #subscriptions: Subscriptions
  readonly #privateStream: PrivateStream
  readonly #single: WorkQueue
  readonly #batched: WorkQueue

  constructor(peer: Peer, subscriptions: Subscriptions, privateStream: PrivateStream) {
    this.#peer = peer
    this.#subscriptions = subscriptions
    this.#privateStream = privateStream
    const waiting = peer.options.maxSubscriptions + WAITING
    this.#single = new WorkQueue(AT_ONCE, waiting)
    this.#batched = new WorkQueue(BATCHED_AT_ONCE, waiting)
  }

  /** Throws the error with which the request is refused. Requests that take longer are answered later. */
  carryOut(request: ClientFrame): void {
    const { connection, server } = this.#peer
    if (connection.speaker === null && request.type !== 'auth') {
      throw new ChatError('unauthenticated', 'Identify with an auth frame first')
    }
    if (request.type === 'send') {
      this.#send(request)
      return
    }
    if (connection.speaker !== null) server.takeRequest(connection.user)
    switch (request.type) {
      case 'auth':
        this.#enqueue(request.id, () => authenticate(this.#peer, request))
        break
      case 'subscribe':
        this.#subscribe(request)
        break
      case 'unsubscribe':
        this.#subscriptions.drop(idIn('room', request.room))
        this.#peer.result(request.id, {})
        break
      case 'ephemeral':
        this.#enqueue(request.id, () => this.#tell(request))
        break
      case 'edit':
      case 'delete':
        this.#enqueue(request.id, () => this.#revise(request))
        break
      case 'react':
        this.#react(request)
        break
      case 'pin':
        this.#enqueue(request.id, () => pin(this.#peer, request))
        break
      case 'ban':
      case 'unban':
      case 'mute':
      case 'unmute':
      case 'report':
        this.#enqueue(request.id, () => moderate(this.#peer, request))
        break
      case 'read':
      case 'delivered':
        this.#enqueue(request.id, () => this.#mark(request), this.#batched)
        break
      case 'thread_follow':
      case 'thread_read':
        this.#enqueue(request.id, () => this.#thread(request))
        break
      case 'typing':
        this.#type(request)
        break
      case 'memberships':
        this.#enqueue(request.id, async () => {
          await tellMemberships(this.#peer, request)
        })
        break
      case 'private':
        this.#enqueue(request.id, () => this.#privateStream.answer(request))
        break
      case 'mark_unread':
        this.#enqueue(request.id, () => markUnread(this.#peer, request))
        break
      case 'save':
        this.#enqueue(request.id, () => saveMessage(this.#peer, request))
        break
      case 'draft':
        this.#enqueue(request.id, () => writeDraft(this.#peer, request))
        break
      case 'notifications':
        this.#enqueue(request.id, () => writeNotifications(this.#peer, request))
        break
      case 'ping':
        this.#peer.result(request.id, {})
    }
  }

  /** Stops carrying out requests. */
  close(): void {
    this.#single.clear()
    this.#batched.clear()
  }

  /** Runs slow requests in order of arrival, a few at a time. */
  #enqueue(id: RequestId | undefined, job: Job, queue = this.#single): void {
    const failSafe = async () => {
      if (!this.#peer.connection.alive) return
      try {
        await job()
      } catch (error) {
        this.#peer.refuse(id, error)
      }
    }
    if (!queue.add(failSafe)) throw new ChatError('overloaded', 'Too many requests are under way')
  }

  #subscribe({ id, room, after, epoch, limit }: Frame<'subscribe'>): void {
    if (id === undefined) throw new ChatError('invalid', 'id: is required for this request', { field: 'id' })
    void this.subscribe({ id, room: idIn('room', room), after, epoch, limit: limit ?? SNAPSHOT_MESSAGES })
  }

  /**
   * Begins a subscription, which reports its own failure. Resolves once the room is live and its state was sent, or it has ended.
   * @throws ChatError `conflict` at the limit
   */
  subscribe(wanted: SubscriptionWanted): Promise<void> {
    const subscription = this.#subscriptions.open(wanted)
    const { promise, resolve } = Promise.withResolvers<void>()
    const isQueued = this.#batched.add(() => subscription.start(wanted).finally(resolve))
    if (isQueued) return promise
    this.#subscriptions.overloaded(wanted.room)
    return Promise.resolve()
  }

  /** Synchronous up to the queue; nothing but the message itself is allocated. */
  #send(request: Frame<'send'>): void {
    const { id, room, body, kind, client_id, reply_to, in_room } = request
    const { connection, server } = this.#peer
    const roomId = idIn('room', room)
    const replyTo = reply_to === undefined ? null : seqIn('reply_to', reply_to)
    const message = {
      body,
      kind: kind ?? 'text',
      clientId: client_id ?? null,
      replyTo,
      inRoom: in_room,
      details: detailsIn(request),
      mentions: mentionsIn(request),
    }
    const taken = server.chat.messages.send(roomId, connection.user, message, this.#peer, id)
    if (taken) this.#subscriptions.get(roomId)?.type(false)
  }

  async #tell({ id, room, ...said }: Frame<'ephemeral'>): Promise<void> {
    const { connection, server } = this.#peer
    this.#peer.result(id, await tellMember(server.chat, idIn('room', room), connection.user, said))
  }

  async #revise(request: Frame<'edit' | 'delete'>): Promise<void> {
    const { id, room } = request
    const { connection, server } = this.#peer
    const { chat } = server
    const ref = { id: idIn('room', room) }
    const at = { seq: seqIn('seq', request.seq) }
    try {
      const { seq, versionSeq } =
        request.type === 'edit'
          ? await chat.messages.edit(
              ref,
              connection.user,
              at,
              request.body ?? null,
              detailsChangeIn(request),
              mentionsIn(request),
            )
          : await chat.messages.remove(ref, connection.user, at)
      this.#peer.result(id, { room, seq, version: versionSeq ?? seq })
    } catch (error) {
      this.#peer.rejected(error, id)
    }
  }

  #react({ id, room, seq, reaction, on }: Frame<'react'>): void {
    const { connection, server } = this.#peer
    const [roomId, message] = [idIn('room', room), seqIn('seq', seq)]
    // Not in the queue of slow requests: it waits for others to the same message, not for a query of its own.
    server.chat.reactions.react(roomId, connection.user, message, reaction, on).then(
      (reacted) => this.#peer.result(id, reactedBody(roomId, message, reacted)),
      (error: unknown) => this.#peer.refuse(id, error),
    )
  }

  async #mark({ id, type, room, seq }: Frame<'read' | 'delivered'>): Promise<void> {
    const { connection, server } = this.#peer
    const at = seqIn('seq', seq)
    const wanted = type === 'read' ? { readSeq: at } : { deliveredSeq: at }
    const roomId = idIn('room', room)
    const marks = await server.chat.membership.mark(roomId, connection.user, wanted)
    this.#peer.result(id, markedBody(roomId, marks))
  }

  async #thread(request: Frame<'thread_follow' | 'thread_read'>): Promise<void> {
    const { connection, server } = this.#peer
    const { threads } = server.chat
    const [room, message] = [idIn('room', request.room), seqIn('seq', request.seq)]
    const own =
      request.type === 'thread_follow'
        ? await threads.follow(room, connection.user, message, request.follow)
        : await threads.read(room, connection.user, message, seqIn('read_seq', request.read_seq))
    this.#peer.result(request.id, ownThreadBody(room, own))
  }

  #type({ id, room, typing }: Frame<'typing'>): void {
    const subscription = this.#subscriptions.get(idIn('room', room))
    if (!subscription?.admitted) throw new ChatError('conflict', 'Subscribe to the room first')
    subscription.type(typing)
    this.#peer.result(id, {})
  }
}

type Frame<Type extends ClientFrame['type']> = Extract<ClientFrame, { type: Type }>
