import { t } from 'elysia'
import {
  type AttachmentId,
  ChatError,
  type RoomId,
  type Seq,
  type User,
  type UserId,
} from '../../../core/index.ts'
import { idText, parseId } from '../../shared/index.ts'
import { ReactionName } from '../wire/index.ts'

const room = idText("The room's id")
const user = idText("The user's id; `me` is the caller", ['me'])

export const RoomPath = t.Object({ room })
export const UserPath = t.Object({ user })
export const MemberPath = t.Object({ room, user })
const seq = idText("The message's number in the room")
export const MessagePath = t.Object({ room, seq })
export const AttachmentPath = t.Object({ room, attachment: idText("The attachment's id") })
export const ReportPath = t.Object({ room, report: idText("The report's id") })
export const ReactionPath = t.Object({
  room,
  seq,
  reaction: { ...ReactionName, description: 'The reaction' },
})

/*
 * An invalid id is reported as not found, like an unknown id.
 */

export function roomAt(params: { readonly room: string }): { readonly id: RoomId } {
  const id = parseId(params.room)
  if (id === null) throw new ChatError('not_found', 'Room not found')
  return { id }
}

export function userAt(params: { readonly user: string }, caller: User): UserId {
  if (params.user === 'me') return caller.id
  const id = parseId(params.user)
  if (id === null) throw new ChatError('not_found', 'User not found')
  return id
}

export function attachmentAt(params: { readonly attachment: string }): AttachmentId {
  const id = parseId(params.attachment)
  if (id === null) throw new ChatError('not_found', 'Attachment not found')
  return id
}

export function reportAt(params: { readonly report: string }): number {
  const id = parseId(params.report)
  if (id === null) throw new ChatError('not_found', 'Report not found')
  return id
}

export function messageAt(params: { readonly seq: string }): { readonly seq: Seq } {
  const seq = parseId(params.seq)
  if (seq === null) throw new ChatError('not_found', 'Message not found')
  return { seq }
}
