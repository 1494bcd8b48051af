import {
  type DescribedEvent,
  type EventOf,
  type EventType,
  isEventType,
  isSeq,
  type MemberEvent,
  type MessageEvent,
  type PinEvent,
  type ReactionEvent,
  type RoomEvent,
  type RoomId,
  type Seq,
} from '../../../core/index.ts'
import { fieldOf } from './field-of.ts'
import { decodeMessage, encodeMessage } from './message-form.ts'
import { restraintForm, rulesForm } from './moderation-forms.ts'

/*
 * How events look in the entries of a stream. Each begins with its tag and its number: an array with them in this order, or an
 * object with them as `type` and `seq`. That never changes, so that a node that does not know a tag knows which number it lacks.
 *
 * During an upgrade, nodes of the version before read what this version writes, and the other way round. So a form changes only
 * along with the version in codec.ts, or under another tag.
 */

/** How events of a type are written and read. */
interface Form<E> {
  encode(event: E): object
  /** Returns null if this is not what `encode` writes. */
  decode(roomId: RoomId, form: unknown): RoomEvent | null
}

const messageForm: Form<MessageEvent> = { encode: encodeMessage, decode: decodeMessage }
const memberForm: Form<MemberEvent> = { encode: encodeMember, decode: decodeMember }

const forms: { readonly [T in EventType]: Form<EventOf<T>> } = {
  message: messageForm,
  edited: messageForm,
  deleted: messageForm,
  joined: memberForm,
  left: memberForm,
  removed: memberForm,
  invited: memberForm,
  uninvited: memberForm,
  role: memberForm,
  described: { encode: encodeRoom, decode: decodeRoom },
  rules: rulesForm,
  banned: restraintForm,
  unbanned: restraintForm,
  muted: restraintForm,
  unmuted: restraintForm,
  reaction: { encode: encodeReaction, decode: decodeReaction },
  pin: { encode: encodePin, decode: decodePin },
}

export function encodeEvent<T extends EventType>(event: EventOf<T>): unknown {
  return forms[event.type].encode(event)
}

/** Returns null if this version does not know the event's tag or form. */
export function decodeEvent(roomId: RoomId, form: unknown): RoomEvent | null {
  const type = typeOf(form)
  return isEventType(type) ? forms[type].decode(roomId, form) : null
}

/** Returns the number of an event of any version; null if there is none. */
export function numberOf(form: unknown): Seq | null {
  const seq: unknown = Array.isArray(form) ? form[1] : fieldOf(form, 'seq')
  return isSeq(seq) ? seq : null
}

/** Changes of members, and descriptions, have tags that are older than the names of their types. */
function typeOf(form: unknown): unknown {
  if (Array.isArray(form)) return form[0]
  const tag = fieldOf(form, 'type')
  if (tag === 'member') return fieldOf(form, 'change')
  return tag === 'room' ? 'described' : tag
}

interface MemberForm extends Omit<MemberEvent, 'type' | 'at'> {
  readonly type: 'member'
  readonly change: MemberEvent['type']
  readonly at: number
}

function encodeMember({ type: change, at, ...event }: MemberEvent): MemberForm {
  return { type: 'member', ...event, change, at: at.getTime() }
}

function decodeMember(_: RoomId, form: unknown): MemberEvent | null {
  if (!isMemberForm(form)) return null
  const { change: type, at, ...event } = form
  return { ...event, type, at: new Date(at) }
}

function isMemberForm(form: unknown): form is MemberForm {
  return fieldOf(form, 'user') !== undefined && typeof fieldOf(form, 'at') === 'number'
}

interface RoomForm extends Omit<DescribedEvent, 'type' | 'at'> {
  readonly type: 'room'
  readonly at: number
}

function encodeRoom({ at, ...event }: DescribedEvent): RoomForm {
  return { ...event, type: 'room', at: at.getTime() }
}

function decodeRoom(_: RoomId, form: unknown): DescribedEvent | null {
  return isRoomForm(form) ? { ...form, type: 'described', at: new Date(form.at) } : null
}

/** The version before leaves the metadata out, which the room may have nevertheless: then the event is read from the database. */
function isRoomForm(form: unknown): form is RoomForm {
  return fieldOf(form, 'metadata') !== undefined && typeof fieldOf(form, 'at') === 'number'
}

interface ReactionForm extends Omit<ReactionEvent, 'at'> {
  readonly at: number
}

function encodeReaction({ at, ...event }: ReactionEvent): ReactionForm {
  return { ...event, at: at.getTime() }
}

function decodeReaction(_: RoomId, form: unknown): ReactionEvent | null {
  return isReactionForm(form) ? { ...form, at: new Date(form.at) } : null
}

function isReactionForm(form: unknown): form is ReactionForm {
  return fieldOf(form, 'changed') !== undefined && typeof fieldOf(form, 'at') === 'number'
}

interface PinForm extends Omit<PinEvent, 'at'> {
  readonly at: number
}

function encodePin({ at, ...event }: PinEvent): PinForm {
  return { ...event, at: at.getTime() }
}

function decodePin(_: RoomId, form: unknown): PinEvent | null {
  return isPinForm(form) ? { ...form, at: new Date(form.at) } : null
}

function isPinForm(form: unknown): form is PinForm {
  return (
    isSeq(fieldOf(form, 'message')) &&
    typeof fieldOf(form, 'on') === 'boolean' &&
    fieldOf(form, 'actor') !== undefined &&
    typeof fieldOf(form, 'at') === 'number'
  )
}
