import type { Chat, RoomFacts, RoomId, Seq, UserId } from '../../../core/index.ts'
import { marksBody, mentionCount } from '../bodies.ts'
import { frame } from './codec.ts'

/** The state that a member needs besides the messages, and the room's number when it was read. */
export interface State {
  readonly head: Seq
  readonly text: string
}

/** The most characters of a state besides its members, and of each member: two marks, and the user's id twice. */
const STATE_TEXT = 250
const MEMBER_TEXT = 150

/** Returns the most characters of the state of a room. @param listed the most members that are listed */
export function mostStateText(members: number, listed: number): number {
  return STATE_TEXT + (members > listed ? 0 : members * MEMBER_TEXT)
}

/** @throws ChatError */
export async function readState(chat: Chat, room: RoomId, user: UserId): Promise<State> {
  const facts = await chat.rooms.facts(room, user)
  const { view, marks } = facts
  const { online, count } = await whoIsOnline(chat, facts)
  const head = view.room.lastSeq
  const text = frame({
    type: 'state',
    room,
    head,
    read_seq: view.readSeq,
    delivered_seq: view.deliveredSeq,
    unread: view.unread,
    ...mentionCount(view),
    marks: marks?.map(marksBody) ?? null,
    online,
    online_count: count,
  })
  return { head, text }
}

/** If the marks of all members are listed, they include the names, so no further query is necessary. */
async function whoIsOnline(chat: Chat, { view, marks }: RoomFacts) {
  if (marks === null) {
    const { online, count } = await chat.online.inRoom(view.room)
    return { online: online === null ? null : [...online], count }
  }
  const online = [...(await chat.online.among(marks.map(({ user }) => user)))]
  return { online, count: online.length }
}
