import { ChatError, notMember, restrained } from './errors.ts'
import type { AccessFacts, Ending, RoomKind } from './model.ts'

/** What someone may want to do with a room. */
export type Action =
  | 'see' // know that it exists
  | 'read' // messages, members, changes
  | 'send'
  | 'join'
  | 'leave'
  | 'invite'
  | 'uninvite' // whomever somebody else has invited
  | 'decline' // one's own invitation
  | 'remove' // another member
  | 'promote' // give or take the role of admin
  | 'edit' // the words of one's own message
  | 'moderate' // delete anyone's message
  | 'pin' // a message, or unpin it
  | 'address' // mention all members of a large room at once
  | 'describe' // change description and avatar
  | 'delete' // the room
  | 'ban' // or mute, someone below oneself; and who is
  | 'regulate' // who may post, and how often
  | 'report' // a message to the staff
  | 'audit' // what the staff has done, and what was reported

type Relation = 'owner' | 'admin' | 'member' | 'invited' | 'outsider' | 'banned'

const nobody: readonly Relation[] = []
const owner: readonly Relation[] = ['owner']
const staff: readonly Relation[] = ['owner', 'admin']
const members: readonly Relation[] = ['owner', 'admin', 'member']
const invited: readonly Relation[] = ['invited']
const known: readonly Relation[] = ['owner', 'admin', 'member', 'invited']
const anyone: readonly Relation[] = ['owner', 'admin', 'member', 'invited', 'outsider']
/** Someone who is banned from a public room may know of it as well. */
const everyone: readonly Relation[] = [...anyone, 'banned']

/** Private and game rooms differ in their name only. */
const byInvitation: Record<Action, readonly Relation[]> = {
  see: known,
  read: members,
  send: members,
  join: known,
  leave: members,
  invite: members,
  uninvite: staff,
  decline: invited,
  remove: staff,
  promote: owner,
  edit: members,
  moderate: staff,
  pin: staff,
  address: staff,
  describe: staff,
  delete: owner,
  ban: staff,
  regulate: staff,
  report: members,
  audit: staff,
}

/** The one table of who may do what. Contracts ask it and never decide by themselves. */
const table: Record<RoomKind, Record<Action, readonly Relation[]>> = {
  public: {
    see: everyone,
    read: anyone,
    send: members,
    join: anyone,
    leave: members,
    invite: members,
    uninvite: staff,
    decline: invited,
    remove: staff,
    promote: owner,
    edit: members,
    moderate: staff,
    pin: staff,
    address: staff,
    describe: staff,
    delete: owner,
    ban: staff,
    regulate: staff,
    report: members,
    audit: staff,
  },
  private: byInvitation,
  game: byInvitation,
  direct: {
    see: members,
    read: members,
    send: members,
    join: members,
    leave: nobody,
    invite: nobody,
    uninvite: nobody,
    decline: nobody,
    remove: nobody,
    promote: nobody,
    edit: members,
    moderate: nobody,
    pin: members,
    address: members,
    describe: nobody,
    delete: nobody,
    ban: nobody,
    regulate: nobody,
    report: nobody,
    audit: nobody,
  },
}

export function allows(action: Action, access: AccessFacts): boolean {
  return table[access.room.kind][action].includes(relationOf(access))
}

/** @throws ChatError `forbidden` (`banned` for banned users), or `hidden` if the caller may not even know of the room */
export function requireAllowed(action: Action, access: AccessFacts): void {
  if (allows(action, access)) return
  if (!allows('see', access)) throw new ChatError('hidden', 'Room not found')
  if (isBanned(access)) throw banned(access)
  throw new ChatError('forbidden', 'You are not allowed to do this in this room')
}

/** Whether someone may do to a user what is done to those below: an admin to members, the owner to all others. */
export function isAbove(own: AccessFacts, theirs: AccessFacts): boolean {
  if (theirs.role === 'owner') return false
  return own.role === 'owner' || (own.role === 'admin' && theirs.role !== 'admin')
}

/** Returns the refusal for a user who may know of the room but is not a member, of something that is for members. */
export function strangerError(access: AccessFacts): ChatError {
  return isBanned(access) ? banned(access) : notMember()
}

/** Returns why the database has refused something for members: what it says, or that the user is banned. */
export function refusalOf(refusal: ChatError, access: AccessFacts): ChatError {
  return refusal.kind === 'forbidden' && isBanned(access) ? banned(access) : refusal
}

function banned(access: AccessFacts): ChatError {
  return restrained('banned', msLeft(access.ban))
}

function isBanned(access: AccessFacts): boolean {
  return access.role === null && access.ban !== undefined
}

/** Returns the milliseconds until it ends; 0 if it does not end by itself. */
export function msLeft(ending: Ending | undefined): number {
  return Math.max(0, (ending?.until?.getTime() ?? 0) - Date.now())
}

function relationOf(access: AccessFacts): Relation {
  if (isBanned(access)) return 'banned'
  return access.role ?? (access.invited ? 'invited' : 'outsider')
}
