import { ChatError } from './errors.ts'
import type { AccessFacts, RoomKind } from './model.ts'

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
  | 'address' // mention all members of a large room at once
  | 'describe' // change description and avatar
  | 'delete' // the room

type Relation = 'owner' | 'admin' | 'member' | 'invited' | 'outsider'

const nobody: readonly Relation[] = []
const owner: readonly Relation[] = ['owner']
const staff: readonly Relation[] = ['owner', 'admin']
const members: readonly Relation[] = ['owner', 'admin', 'member']
const invited: readonly Relation[] = ['invited']
const known: readonly Relation[] = ['owner', 'admin', 'member', 'invited']
const anyone: readonly Relation[] = ['owner', 'admin', 'member', 'invited', 'outsider']

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
  address: staff,
  describe: staff,
  delete: owner,
}

/** The one table of who may do what. Contracts ask it and never decide by themselves. */
const table: Record<RoomKind, Record<Action, readonly Relation[]>> = {
  public: {
    see: anyone,
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
    address: staff,
    describe: staff,
    delete: owner,
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
    address: members,
    describe: nobody,
    delete: nobody,
  },
}

export function allows(action: Action, access: AccessFacts): boolean {
  return table[access.room.kind][action].includes(relationOf(access))
}

/** @throws ChatError `forbidden`, or `hidden` if the caller may not even know of the room */
export function requireAllowed(action: Action, access: AccessFacts): void {
  if (allows(action, access)) return
  if (!allows('see', access)) throw new ChatError('hidden', 'Room not found')
  throw new ChatError('forbidden', 'You are not allowed to do this in this room')
}

function relationOf(access: AccessFacts): Relation {
  return access.role ?? (access.invited ? 'invited' : 'outsider')
}
