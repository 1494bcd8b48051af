import { type AttachmentId, isId } from '../ids.ts'
import type { Attachment } from '../message-details.ts'
import type { Entry } from './entry.ts'

/** The most attachments of a message. */
export const MOST_ATTACHMENTS = 10
/** The most UTF-16 units that one of them takes: a name of 255 bytes, a type, a placeholder of 900 characters, and what is around them. */
const MOST_EACH = 1400

/** In a draft the ids of stored files, of which the database writes the facts when it gives them to the message. */
export const attachments: Entry<readonly (Attachment | AttachmentId)[]> = {
  most: MOST_ATTACHMENTS * MOST_EACH,
  problem(value) {
    if (value.length < 1 || value.length > MOST_ATTACHMENTS) return `must be 1 to ${MOST_ATTACHMENTS} ids`
    return new Set(value.map(idOf)).size < value.length ? 'must be different ids' : null
  },
  stored: (value) => value,
  restored: (stored) => (Array.isArray(stored) && stored.every(isAttachment) ? stored : null),
  length: (value) => value.reduce((sum: number, each) => sum + lengthOf(each), 0),
}

/** Returns those whose facts are known: all of a message's, none of a draft's. */
export function knownAttachments(value: readonly (Attachment | AttachmentId)[]): Attachment[] {
  return value.filter((each): each is Attachment => typeof each === 'object')
}

function idOf(value: Attachment | AttachmentId): AttachmentId {
  return typeof value === 'object' ? value.id : value
}

function lengthOf(value: Attachment | AttachmentId): number {
  if (typeof value !== 'object') return MOST_EACH
  return Math.min(MOST_EACH, value.name.length + value.type.length + (value.placeholder?.length ?? 0) + 118)
}

/** As drizzle/functions/parley_claim_attachments.sql writes it. */
function isAttachment(value: unknown): value is Attachment {
  return (
    typeof value === 'object' && value !== null && 'id' in value && isId(value.id) && 'hasThumbnail' in value
  )
}
