import type {
  Draft,
  JsonText,
  MemberEvent,
  Message,
  Profile,
  Room,
  RoomEvent,
  User,
  UserRef,
} from '../../../src/core/index.ts'
import { carriesMessage, isId, isSeq, type Seq } from '../../../src/core/index.ts'

/** Stands for the id of anything, or for a number that is not 0. */
export function id(value: number) {
  if (!isId(value)) throw new Error(`${value} is not an id`)
  return value
}

export function seq(value: number): Seq {
  if (!isSeq(value)) throw new Error(`${value} is not a place in a room`)
  return value
}

/** Returns a value that must exist for the test to continue. */
export function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('what the test needs is not there')
  return value
}

export function userRef(value: number): UserRef {
  return { id: id(value), username: `user-${value}` }
}

export function user(value: number, username = `user-${value}`): User {
  return { id: id(value), username, firstName: '', lastName: '', createdAt: EPOCH, lastSeen: null }
}

/** The user as others see them. */
export function profile(of: User, metadata: JsonText | null = null): Profile {
  return { ...of, metadata }
}

export function draft(room: number, sender: number, clientId: string, more: Partial<Draft> = {}): Draft {
  const plain = { kind: 'text', body: `body of ${clientId}`, replyTo: null, inRoom: true, details: null }
  return { roomId: id(room), sender: userRef(sender), clientId, ...plain, ...more }
}

export function message(room: number, at: number, more: Partial<Message> = {}): Message {
  return {
    ...draft(room, 1, `key-${at}`),
    id: id(at),
    seq: id(at),
    versionSeq: null,
    root: null,
    thread: null,
    createdAt: EPOCH,
    editedAt: null,
    deletedAt: null,
    ...more,
  }
}

export function room(more: Partial<Room> = {}): Room {
  return {
    id: id(1),
    name: 'room',
    kind: 'public',
    creator: null,
    description: '',
    avatar: '',
    metadata: null,
    lastSeq: seq(0),
    memberCount: 0,
    posting: 'everyone',
    slowMode: 0,
    createdAt: EPOCH,
    updatedAt: EPOCH,
    ...more,
  }
}

const EPOCH = new Date(0)

/** Whether a membership or an invitation has changed. */
export function isMemberEvent(event: RoomEvent): event is MemberEvent {
  return event.type !== 'described' && !carriesMessage(event)
}
