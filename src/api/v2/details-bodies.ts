import * as core from '../../core/index.ts'
import type * as wire from './wire/index.ts'

/*
 * The details of a message on the wire: what requests give, what messages show, and the names under which errors report them. Each
 * member of `MessageDetails` has its entry in the tables.
 */

type Name = keyof core.MessageDetails

/** Each member of the details as fields of a message. */
const fields: { readonly [N in Name]-?: (value: NonNullable<core.MessageDetails[N]>) => DetailFields } = {
  metadata: (value) => ({ metadata: core.jsonObject(value) }),
}

/** The fields of a message that show its details, and are missing if it has none. */
export type DetailFields = Pick<wire.Message, 'metadata'>

/** The names of the fields in requests. */
export const detailParts: Readonly<Record<Name, string>> = { metadata: 'metadata' }

export function detailsBody(details: core.MessageDetails): DetailFields {
  return Object.assign({}, ...core.detailNames.map((name) => fieldsOf(name, details)))
}

function fieldsOf<N extends Name>(name: N, details: core.MessageDetails): DetailFields {
  const value: core.MessageDetails[N] | undefined = details[name]
  return value === undefined ? {} : fields[name](value)
}

/** Returns the details that a request to send gives; null if it gives none. */
export function detailsIn({ metadata }: wire.NewMessage): core.MessageDetails | null {
  return metadata === undefined ? null : { metadata: core.jsonText(metadata) }
}

/** Returns the changes of details that a request to edit gives; null if it gives none. */
export function detailsChangeIn({ metadata }: wire.MessagePatch): core.DetailsChange | null {
  if (metadata === undefined) return null
  return { metadata: metadata === null ? null : core.jsonText(metadata) }
}
