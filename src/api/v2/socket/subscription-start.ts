import {
  type AccessFacts,
  type Chat,
  type FollowedRoom,
  isSeq,
  type Message,
  mostTextOf,
  type RoomId,
  type Seq,
  type UserId,
} from '../../../core/index.ts'
import { snapshotBody } from '../bodies.ts'
import type { RequestId, Subscribed } from '../wire/index.ts'
import type { V2SocketOptions } from './options.ts'

export interface SubscriptionWanted {
  readonly id: RequestId
  readonly room: RoomId
  /** The number up to which the client has everything; undefined if it has nothing. */
  readonly after: number | undefined
  /** The mark of the history that the client received with that number; undefined if it sends none. */
  readonly epoch: string | undefined
  /** The most messages in a snapshot. */
  readonly limit: number
}

/** The most characters of text in a snapshot, as escaped in JSON, because a snapshot is one frame. Applies to any number of messages. */
const SNAPSHOT_TEXT = 200_000

type SubscribeData = Omit<Subscribed, 'room'>

/** How a subscription begins: its response, which is made when it is sent, and the number from which the room continues. */
export interface Start {
  readonly response: (now: (message: Message) => Message) => SubscribeData
  readonly head: Seq
  /** Why the user is let in. */
  readonly member: AccessFacts
}

/** Resolves once there is memory for so many characters of messages. Called before they are read. */
export type Hold = (text: number) => Promise<void>

/** Why a client gets a snapshot: it has nothing, it has missed too much, or the history that it has was rewritten. */
export type Anew = 'nothing' | 'too_much' | 'rewritten'

/**
 * Begins a subscription for a client that has everything up to a number, if the history is still the one of the client's mark.
 * @throws ChatError for a non-member
 */
export async function resumed(
  chat: Chat,
  room: FollowedRoom,
  user: UserId,
  { after, epoch }: Pick<SubscriptionWanted, 'after' | 'epoch'>,
  { resumeLimit, maxMessageLength }: V2SocketOptions,
  hold: Hold,
): Promise<Start | Anew> {
  if (after === undefined || !isSeq(after)) return 'nothing'
  if (epoch !== undefined && !(await chat.history.continues(epoch))) return 'rewritten'
  // This node may be behind the one to which the client was connected before.
  if (after > room.position) await room.reached(after)
  const missed = room.position - after
  if (missed < 0) return 'rewritten'
  if (missed > resumeLimit) return 'too_much'
  if (missed > 0) await hold(mostTextOf(missed, maxMessageLength))
  // Read after the room is followed: the feed reports a removal of the member from here on.
  const member = await chat.rooms.asMember({ id: room.id }, user)
  const memberAt = member.room.lastSeq
  // Every message is sent in its form after the last change that the database had at this point.
  await room.reached(memberAt)
  const recent = room.since(after)
  const mode = recent === null || recent.stretch !== null ? 'changes' : 'live'
  // Not the room's present number: the user may have been removed while the membership was read, which is looked at afterwards.
  return {
    response: () => ({ mode, head: memberAt, snapshot: null }),
    head: after,
    member,
  }
}

/**
 * @param reset whether the history that the client has was rewritten
 * @throws ChatError for a non-member; `unavailable` if the database lacks events that were delivered here
 */
export async function fromSnapshot(
  chat: Chat,
  tracked: FollowedRoom,
  { room, limit }: SubscriptionWanted,
  user: UserId,
  reset: boolean,
): Promise<Start> {
  const delivered = tracked.position
  const snapshot = await chat.rooms.snapshot(room, user, limit)
  const { other, room: found } = snapshot.view
  tracked.expectHead(found.lastSeq, delivered)
  const online = await chat.online.among(other === null ? [] : [other.id])
  const head = found.lastSeq
  const response: Start['response'] = (now) => {
    const messages = latestThatFit(snapshot.messages.map(now))
    const hasOlder = snapshot.hasOlder || messages.length < snapshot.messages.length
    const body = snapshotBody({ ...snapshot, messages, hasOlder }, online)
    return { mode: 'snapshot', head, snapshot: body, ...(reset ? { reset } : {}) }
  }
  return { response, head, member: snapshot.view }
}

function latestThatFit(messages: readonly Message[]): readonly Message[] {
  let text = 0
  const tooFar = messages.findLastIndex((message) => {
    // Some characters take six in JSON.
    text += JSON.stringify(message.body).length
    return text > SNAPSHOT_TEXT
  })
  return messages.slice(tooFar + 1)
}
