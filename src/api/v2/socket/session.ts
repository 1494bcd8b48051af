import type { RoomId, Seq, Signal, Timer } from '../../../core/index.ts'
import type { Session } from '../../../server/index.ts'
import { frame, signalFrame } from './codec.ts'
import { expectIdentity, greet } from './door.ts'
import { tellMembershipHead, toldMembership } from './memberships.ts'
import { type Parsed, parseFrame, parseRequest } from './parse.ts'
import type { Peer } from './peer.ts'
import { PrivateStream } from './private-stream.ts'
import { Requests } from './requests.ts'
import type { SubscriptionWanted } from './subscription-start.ts'
import { Subscriptions } from './subscriptions.ts'

/** One socket with many rooms: handles incoming frames, and what concerns the connection as a whole. */
export class V2Session implements Session {
  readonly #peer: Peer
  readonly #subscriptions: Subscriptions
  readonly #private: PrivateStream
  readonly #requests: Requests
  /** Runs if the handshake did not identify the user. */
  #nameless: Timer | null = null

  constructor(peer: Peer) {
    this.#peer = peer
    this.#subscriptions = new Subscriptions(peer)
    this.#private = new PrivateStream(peer)
    this.#requests = new Requests(peer, this.#subscriptions, this.#private)
  }

  opened(): void {
    greet(this.#peer)
    if (this.#peer.connection.speaker === null) this.#nameless = expectIdentity(this.#peer)
  }

  text(text: string): void {
    const { connection } = this.#peer
    const parsed = parseFrame(text, connection.takesBatches)
    if (!('batch' in parsed)) {
      this.#carryOut(parsed)
      return
    }
    if (!connection.takeBatch(parsed.batch.length - 1)) return
    for (const value of parsed.batch) {
      if (connection.closing) return
      this.#carryOut(parseRequest(value))
    }
  }

  #carryOut(parsed: Parsed): void {
    if (!('request' in parsed)) {
      this.#peer.refuseMalformed(parsed.id, parsed.problem, parsed.field)
      return
    }
    try {
      this.#requests.carryOut(parsed.request)
    } catch (error) {
      this.#peer.refuse(parsed.request.id, error)
    }
  }

  binary(): void {
    this.#peer.refuseMalformed(null, 'Frames must be text', null)
  }

  closed(): void {
    this.#nameless?.cancel()
    this.#requests.close()
    this.#subscriptions.close()
  }

  removedFrom(room: RoomId, reason: 'left' | 'room_deleted', at: Seq | null): void {
    const subscription = this.#subscriptions.get(room)
    if (at === null || subscription?.ends(at)) subscription?.cancel(reason)
  }

  signal(signal: Signal): void {
    if (signal.type === 'private') this.#private.moved(signal.seq ?? null)
    if (!('roomId' in signal)) return
    // Memberships and threads are sent to the user in any case, marks only to subscribers of the room, and notices only to others.
    const hears = this.#subscriptions.get(signal.roomId) !== undefined
    if (signal.type === 'marks' ? !hears : signal.type === 'notify' && hears) return
    if (signal.type === 'membership') toldMembership(this.#peer, signal.seq)
    if (signal.type === 'marks' && !this.#peer.codec.shows.includes('marks')) return
    const shown = signalFrame(signal, signal.roomId)
    if (shown !== null) this.#peer.connection.send(frame(shown))
  }

  /** Subscribes to a room as if the client had asked. Resolves once the room is live, or is not to be. */
  async subscribe(wanted: SubscriptionWanted): Promise<void> {
    try {
      this.#peer.server.takeRequest(this.#peer.connection.user)
      await this.#requests.subscribe(wanted)
    } catch (error) {
      this.#peer.refuse(wanted.id, error)
    }
  }

  /** Tells what the user keeps privately, after a number that the client has everything up to. */
  followPrivate(after: Seq): void {
    this.#private.follow(after)
  }

  isSubscribed(room: RoomId): boolean {
    return this.#subscriptions.get(room) !== undefined
  }

  /** Returns up to where each room that is live was sent. */
  positions(): Iterable<readonly [RoomId, Seq]> {
    return this.#subscriptions.positions()
  }

  countsMemberships(): boolean {
    return this.#peer.membershipsTold !== null
  }

  membershipsAt(head: Seq): void {
    tellMembershipHead(this.#peer, head)
  }

  followsPrivate(): boolean {
    return this.#private.isFollowed
  }

  privateAt(head: Seq): void {
    this.#private.moved(head)
  }

  beat(): void {
    const { connection, server } = this.#peer
    if (connection.speaker === null) return
    const epoch = server.chat.history.mark()
    const heads = this.#subscriptions.newHeads()
    connection.send(heads === null ? nothingNew(epoch) : frame({ type: 'heartbeat', heads, epoch }))
  }

  goingAway(delayMs: number): void {
    this.#peer.connection.send(frame({ type: 'going_away', reconnect_after_ms: Math.round(delayMs) }))
  }
}

/** Most heartbeats of most connections are the same, so the text is made once and shared. */
const nothingNew = memo((epoch: string) => frame({ type: 'heartbeat', heads: {}, epoch }))

function memo(make: (key: string) => string): (key: string) => string {
  let [key, made] = ['', '']
  return (wanted) => {
    if (wanted !== key) [key, made] = [wanted, make(wanted)]
    return made
  }
}
