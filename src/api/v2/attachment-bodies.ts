import type * as core from '../../core/index.ts'
import type { FileLink, LinkedAttachment, SealedLink } from '../../core/index.ts'
import { isoTime } from '../shared/index.ts'
import type * as wire from './wire/index.ts'

/** Returns what everyone is told of an attachment. */
export function attachmentBody({
  id,
  name,
  type,
  size,
  width,
  height,
  placeholder,
}: core.Attachment): wire.Attachment {
  return { id, name, type, size, width, height, placeholder }
}

/** @param base the origin and prefix under which the client sees the server */
export function linkedBody(
  { attachment, original, thumbnail }: LinkedAttachment,
  base: string,
): wire.LinkedAttachment {
  return {
    ...attachmentBody(attachment),
    url: fileUrl(original, base),
    thumbnail_url: thumbnail && fileUrl(thumbnail, base),
    expires_at: isoTime(new Date(original.expires * 1000)),
  }
}

/** Returns the URL of a file, which says all that is needed to serve it. `readLink` reads it. */
export function fileUrl(
  { id, variant, key, name, type, user, expires, seal }: SealedLink,
  base: string,
): string {
  const query = new URLSearchParams({ key, name, type, user: String(user), expires: String(expires), seal })
  return `${base}/api/v2/files/${id}/${variant}?${query}`
}

/** The parameters of such a URL, as texts. */
export type LinkQuery = Readonly<Record<Exclude<keyof FileLink, 'id' | 'variant'> | 'seal', string>>
