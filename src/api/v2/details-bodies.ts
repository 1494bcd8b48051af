import * as core from '../../core/index.ts'
import { attachmentBody } from './attachment-bodies.ts'
import { idIn } from './ids.ts'
import type * as wire from './wire/index.ts'

/*
 * The details of a message on the wire: what requests give, what messages show, and the names under which errors report them. Each
 * member of `MessageDetails` has its entry in the tables.
 */

type Name = keyof core.DetailValues

/** Each member of the details as fields of a message. */
const fields: { readonly [N in Name]: (value: core.DetailValues[N]) => DetailFields } = {
  metadata: (value) => ({ metadata: core.jsonObject(value) }),
  mentions: (value) => ({ mentions: mentionsBody(value) }),
  attachments: (value) => ({ attachments: core.knownAttachments(value).map(attachmentBody) }),
}

/** The fields of a message that show its details, and are missing if it has none. */
export type DetailFields = Pick<wire.Message, 'metadata' | 'attachments' | 'mentions'>

/** The names of the fields in requests. */
export const detailParts: Readonly<Record<Name, string>> = {
  metadata: 'metadata',
  mentions: 'mentions',
  attachments: 'attachments',
}

export function detailsBody(details: core.MessageDetails): DetailFields {
  return Object.assign({}, ...core.detailNames.map((name) => fieldsOf(name, details)))
}

function fieldsOf<N extends Name>(
  name: N,
  details: { readonly [M in Name]?: core.DetailValues[M] },
): DetailFields {
  const value = details[name]
  return value === undefined ? {} : fields[name](value)
}

/** Returns the field that shows the metadata of a room or a user; nothing if there is none. */
export function metadataOf({
  metadata,
}: {
  readonly metadata: core.JsonText | null
}): Pick<DetailFields, 'metadata'> {
  return metadata === null ? {} : { metadata: core.jsonObject(metadata) }
}

/** Returns the metadata that a request gives: null to remove it, undefined if it says nothing of it. */
export function metadataIn(metadata: wire.Metadata | null | undefined): core.JsonText | null | undefined {
  return metadata === undefined || metadata === null ? metadata : core.jsonText(metadata)
}

export function mentionsBody({ users, room, online, ignored }: core.Mentions): wire.Mentions {
  return {
    ...(users.length > 0 ? { users: users.map(({ id, username }) => ({ id, username })) } : {}),
    ...(room ? { room } : {}),
    ...(online ? { online } : {}),
    ...(ignored.length > 0 ? { ignored: [...ignored] } : {}),
  }
}

/** Returns whom a request says that the message mentions; undefined if it leaves that to the text. */
export function mentionsIn({ mentions }: Pick<wire.NewMessage, 'mentions'>): core.MentionsGiven | undefined {
  if (mentions === undefined) return undefined
  const { users, room, online } = mentions
  return { users: users.filter(core.isId), room, online }
}

/** Returns the details that a request to send gives; null if it gives none. */
export function detailsIn({ metadata, attachments }: wire.NewMessage): core.MessageDetails | null {
  if (metadata === undefined && attachments === undefined) return null
  return {
    ...(metadata === undefined ? {} : { metadata: core.jsonText(metadata) }),
    ...(attachments === undefined ? {} : { attachments: attachments.map((id) => idIn('attachments', id)) }),
  }
}

/** Returns the changes of details that a request to edit gives; null if it gives none. */
export function detailsChangeIn(request: wire.MessagePatch): core.DetailsChange | null {
  const metadata = metadataIn(request.metadata)
  return metadata === undefined ? null : { metadata }
}
