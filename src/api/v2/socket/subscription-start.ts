import {
  type Chat,
  type FollowedRoom,
  isSeq,
  type Message,
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
  /** The number up to which the client has everything; undefined: nothing. */
  readonly after: number | undefined
  /** What it was told of the history with that number; undefined from a client that does not say. */
  readonly epoch: string | undefined
  /** Messages in a snapshot. */
  readonly limit: number
}

/** Characters of text in a snapshot at most, as JSON has them, whatever number of messages was asked for: it is one frame. */
const SNAPSHOT_TEXT = 200_000

type Answer = Omit<Subscribed, 'room'>

/** How a subscription begins: what it is answered with, made when it is sent, and from where the room goes on. */
export interface Start {
  readonly answer: (now: (message: Message) => Message) => Answer
  readonly head: Seq
  /** The room's number at which the user was found to be a member. */
  readonly memberAt: Seq
}

/** Why a client begins anew: it has nothing, it has missed too much, or what it has is not the room's history any more. */
export type Anew = 'nothing' | 'too_much' | 'rewritten'

/**
 * For a client that has everything up to a number of the room's history, as far as that is still the one that it was told of.
 * @throws ChatError for a non-member
 */
export async function resumed(
  chat: Chat,
  room: FollowedRoom,
  user: UserId,
  { after, epoch }: Pick<SubscriptionWanted, 'after' | 'epoch'>,
  { resumeLimit }: V2SocketOptions,
): Promise<Start | Anew> {
  if (after === undefined || !isSeq(after)) return 'nothing'
  if (epoch !== undefined && !(await chat.history.continues(epoch))) return 'rewritten'
  // This node may be behind the one where the client was before.
  if (after > room.position) await room.reached(after)
  const missed = room.position - after
  if (missed < 0) return 'rewritten'
  if (missed > resumeLimit) return 'too_much'
  // With the room followed already: a member who is removed from here on is told by the feed.
  const { room: found } = await chat.rooms.asMember({ id: room.id }, user)
  const memberAt = found.lastSeq
  // Nothing is told as it was before the last change that the database had by then.
  await room.reached(memberAt)
  const recent = room.since(after)
  const mode = recent === null || recent.stretch !== null ? 'changes' : 'live'
  return { answer: () => ({ mode, head: room.position, snapshot: null }), head: after, memberAt }
}

/**
 * @param reset whether what the client has is not the room's history any more
 * @throws ChatError for a non-member; `unavailable` if the database does not have what was delivered here
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
  const answer: Start['answer'] = (now) => {
    const messages = latestThatFit(snapshot.messages.map(now))
    const hasOlder = snapshot.hasOlder || messages.length < snapshot.messages.length
    const body = snapshotBody({ ...snapshot, messages, hasOlder }, online)
    return { mode: 'snapshot', head, snapshot: body, ...(reset ? { reset } : {}) }
  }
  return { answer, head, memberAt: head }
}

function latestThatFit(messages: readonly Message[]): readonly Message[] {
  let text = 0
  const tooFar = messages.findLastIndex((message) => {
    // Some characters take six there.
    text += JSON.stringify(message.body).length
    return text > SNAPSHOT_TEXT
  })
  return messages.slice(tooFar + 1)
}
