import type { Marks, Member, MemberEvent, Room, StateFrame, User, UserRef } from '../wire.ts'
import type { Typing, ViewState } from './state.ts'

/** The most typing users that are remembered. */
const TYPING_LIMIT = 50

export function withMember(state: ViewState, event: MemberEvent): ViewState {
  const { change, user, role } = event
  if (change === 'invited' || change === 'uninvited') return state
  const joined = change === 'joined'
  const gone = role === null
  const members = state.members && new Map(state.members)
  if (gone) members?.delete(user.id)
  else if (members) members.set(user.id, memberAfter(event, role, members.get(user.id)))
  const counted = state.memberCount + (joined ? 1 : gone ? -1 : 0)
  const next = {
    ...state,
    members,
    memberCount: members?.size ?? counted,
    room: user.id === state.me && state.room ? { ...state.room, role } : state.room,
  }
  if (joined && state.onlineElsewhere.has(user.id)) return withPresence(next, user.id, true)
  if (!gone) return next
  return withoutTyping(withElsewhere(withOnline(next, user.id, false), user.id, false), user.id)
}

/** Marks only move forward. Those of a user who is not a member yet are kept for later. */
export function withMarks(state: ViewState, marks: readonly Marks[]): ViewState {
  const own = marks.find(({ user }) => user === state.me)
  // What others are shown is not where the user stands who has marked messages as unread.
  const next = own ? withOwnMarks(state, state.isMarkedUnread ? { ...own, read_seq: 0 } : own) : state
  if (next.members === null) return next
  const moved = marks.flatMap((mark) => {
    const member = next.members?.get(mark.user)
    return member && isFurther(mark, member) ? [[mark.user, furthest(member, mark)] as const] : []
  })
  return moved.length === 0 ? next : { ...next, members: new Map([...next.members, ...moved]) }
}

export function withOwnMarks(state: ViewState, marks: Omit<Marks, 'user'>): ViewState {
  const readSeq = Math.max(state.readSeq, marks.read_seq)
  const deliveredSeq = Math.max(state.deliveredSeq, marks.delivered_seq)
  return readSeq === state.readSeq && deliveredSeq === state.deliveredSeq
    ? state
    : { ...state, readSeq, deliveredSeq }
}

/** Sets the online users and all marks, as the server sends them once a room is live. Lists that it leaves out are dropped. */
export function withPeople(state: ViewState, frame: StateFrame): ViewState {
  const shown = frame.marks?.find(({ user }) => user === state.me)
  const isMarkedUnread = shown === undefined ? state.isMarkedUnread : shown.read_seq > frame.read_seq
  const own = isMarkedUnread === state.isMarkedUnread ? state : { ...state, isMarkedUnread }
  const listed = frame.marks === null ? { ...own, members: null } : withMarks(own, frame.marks)
  const isMember = (user: number) => listed.members?.has(user) !== false
  const online = frame.online && new Set(frame.online.filter(isMember))
  const onlineElsewhere = new Set(frame.online?.filter((user) => !isMember(user)))
  const { room } = listed
  const other = room?.other
  return {
    ...listed,
    online,
    onlineElsewhere,
    onlineCount: online?.size ?? frame.online_count,
    room: room && other && online ? { ...room, other: { ...other, online: online.has(other.id) } } : room,
  }
}

/** A presence frame may arrive before the user's joining, or after their leaving. */
export function withPresence(state: ViewState, user: number, isOnline: boolean): ViewState {
  if (state.members?.has(user) === false) return withElsewhere(state, user, isOnline)
  return withElsewhere(withOnline(state, user, isOnline), user, false)
}

function withElsewhere(state: ViewState, user: number, isOnline: boolean): ViewState {
  if (state.onlineElsewhere.has(user) === isOnline) return state
  return { ...state, onlineElsewhere: changed(state.onlineElsewhere, user, isOnline) }
}

function withOnline(state: ViewState, user: number, isOnline: boolean): ViewState {
  if (state.online === null || state.online.has(user) === isOnline) return state
  const online = changed(state.online, user, isOnline)
  return { ...state, online, onlineCount: online.size }
}

function changed(users: ReadonlySet<number>, user: number, isIn: boolean): ReadonlySet<number> {
  const others = [...users].filter((one) => one !== user)
  return new Set(isIn ? [...others, user] : others)
}

/** Without a connection, nobody is known to be online. */
export function withoutOnline(state: ViewState): ViewState {
  return { ...state, online: state.online && new Set(), onlineElsewhere: new Set(), onlineCount: 0 }
}

/** Updates the other user of a direct chat. */
export function withOther(state: ViewState, user: number, change: Partial<User>): ViewState {
  const { room } = state
  return room?.other?.id === user
    ? { ...state, room: { ...room, other: { ...room.other, ...change } } }
    : state
}

export function withTyping(state: ViewState, user: UserRef, until: number): ViewState {
  if (user.id === state.me) return state
  const others = state.typing.filter((typing) => typing.user.id !== user.id)
  return { ...state, typing: [...others, { user, until }].slice(-TYPING_LIMIT) }
}

export function withoutTyping(state: ViewState, user: number): ViewState {
  return withTypingLeft(state, (typing) => typing.user.id !== user)
}

/** Returns the state without users whose typing has ended at `now`. */
export function withTypingAt(state: ViewState, now: number): ViewState {
  return withTypingLeft(state, ({ until }) => until > now)
}

export function membersOf(room: Room, members: readonly Member[] | null) {
  return {
    members: members && new Map(members.map((member) => [member.user.id, member])),
    memberCount: members?.length ?? room.member_count,
  }
}

function withTypingLeft(state: ViewState, stays: (typing: Typing) => boolean): ViewState {
  return state.typing.every(stays) ? state : { ...state, typing: state.typing.filter(stays) }
}

function memberAfter(event: MemberEvent, role: Member['role'], before: Member | undefined): Member {
  if (before && event.change !== 'joined') return { ...before, role }
  // Earlier messages count as read for a new member.
  const { user, seq, at } = event
  return { user, role, read_seq: seq, delivered_seq: seq, joined_at: at }
}

function isFurther(mark: Marks, member: Member): boolean {
  return mark.read_seq > member.read_seq || mark.delivered_seq > member.delivered_seq
}

function furthest(member: Member, mark: Marks): Member {
  return {
    ...member,
    read_seq: Math.max(member.read_seq, mark.read_seq),
    delivered_seq: Math.max(member.delivered_seq, mark.delivered_seq),
  }
}
