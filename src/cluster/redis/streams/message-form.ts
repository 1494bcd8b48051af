import {
  detailsOf,
  type Message,
  type MessageEvent,
  type RoomId,
  type Seq,
  storedDetails,
  type Thread,
} from '../../../core/index.ts'

/** Messages are most of what goes by, so they go without the names of their parts. */
type PlainForm = readonly [
  tag: MessageEvent['type'],
  at: Seq,
  seq: Seq,
  id: Message['id'],
  sender: Message['sender']['id'],
  username: string,
  clientId: string,
  kind: string,
  body: string,
  replyTo: Seq | null,
  created: number,
  version: Seq | null,
  edited: number | null,
  deleted: number | null,
]

/**
 * Without details it is what the version before writes. A reply has the details, if any, and its thread behind the rest. The version before
 * knows neither form, and reads such a message from the database.
 */
export type MessageForm = PlainForm | readonly [...plain: PlainForm, details: string] | ReplyForm

type ReplyForm = readonly [
  ...plain: PlainForm,
  details: string | null,
  root: Seq | null,
  inRoom: boolean,
  thread: ThreadForm | null,
]

interface ThreadForm extends Omit<Thread, 'lastAt'> {
  readonly lastAt: number | null
}

export function encodeMessage({ type, seq, message }: MessageEvent): MessageForm {
  const { replyTo, root, inRoom, thread } = message
  const form = plainForm(type, seq, message)
  const details = message.details && storedDetails(message.details)
  if (replyTo === null) return details === null ? form : [...form, details]
  return [...form, details, root, inRoom, thread && { ...thread, lastAt: timeOf(thread.lastAt) }]
}

function plainForm(type: MessageEvent['type'], seq: Seq, message: Message): PlainForm {
  return [
    type,
    seq,
    message.seq,
    message.id,
    message.sender.id,
    message.sender.username,
    message.clientId,
    message.kind,
    message.body,
    message.replyTo,
    message.createdAt.getTime(),
    message.versionSeq,
    timeOf(message.editedAt),
    timeOf(message.deletedAt),
  ]
}

export function decodeMessage(roomId: RoomId, form: unknown): MessageEvent | null {
  if (!isMessageForm(form)) return null
  const [
    type,
    at,
    seq,
    id,
    sender,
    username,
    clientId,
    kind,
    body,
    replyTo,
    created,
    versionSeq,
    edited,
    deleted,
    details = null,
    root = null,
    inRoom = true,
    thread = null,
  ] = form
  return {
    type,
    roomId,
    seq: at,
    message: {
      id,
      roomId,
      seq,
      versionSeq,
      sender: { id: sender, username },
      clientId,
      kind,
      body,
      replyTo,
      details: details === null ? null : detailsOf(details),
      root,
      thread: thread && { ...thread, lastAt: dateOf(thread.lastAt) },
      inRoom,
      createdAt: new Date(created),
      editedAt: dateOf(edited),
      deletedAt: dateOf(deleted),
    },
  }
}

/**
 * Told by its length: each part is what this version, or the one before, has put there. The version before tells nothing of a reply's
 * thread, so a reply in its form is read from the database.
 */
function isMessageForm(form: unknown): form is MessageForm {
  if (!Array.isArray(form)) return false
  if (form.length === 18) return true
  return (
    form[REPLY_TO] === null && (form.length === 14 || (form.length === 15 && typeof form[14] === 'string'))
  )
}

/** The place of `replyTo`. */
const REPLY_TO = 9

function timeOf(date: Date | null): number | null {
  return date === null ? null : date.getTime()
}

function dateOf(time: number | null): Date | null {
  return time === null ? null : new Date(time)
}
