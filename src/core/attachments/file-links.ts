import { ChatError } from '../errors.ts'
import { type AttachmentId, isId, type UserId } from '../model.ts'
import type { Showing, Signer, StoredAttachment, Variant } from '../ports.ts'
import { dispositionOf } from './disposition.ts'
import { isInline } from './media-types.ts'

/** What a link to a file says. All of it is sealed, so the file is served without a look into the database. */
export interface FileLink {
  readonly id: AttachmentId
  readonly variant: Variant
  readonly key: string
  readonly name: string
  readonly type: string
  /** For whom the link was made. */
  readonly user: UserId
  /** Seconds since 1970. */
  readonly expires: number
}

/** A link, and what it is sealed with. */
export interface SealedLink extends FileLink {
  readonly seal: string
}

/**
 * Makes and checks links to files. A link counts for anyone who has it until it expires, so it is told only to those who may read the
 * room, and soon expires.
 * @param seconds for which a link counts at least
 */
export function createFileLinks(signer: Signer, seconds: number) {
  return {
    /**
     * Returns the links to an attachment. Those of one user stay the same for a while, so that browsers need not load the file again.
     * @param now seconds since 1970, by the database
     */
    to(
      attachment: StoredAttachment,
      user: UserId,
      now: number,
    ): { original: SealedLink; thumbnail: SealedLink | null } {
      const expires = (Math.floor(now / seconds) + 2) * seconds
      const sealed = (variant: Variant): SealedLink => {
        const { id, key, name } = attachment
        const type = variant === 'thumbnail' ? 'image/webp' : attachment.type
        const link = { id, variant, key, name, type, user, expires }
        return { ...link, seal: signer.sign(textOf(link)) }
      }
      return {
        original: sealed('original'),
        thumbnail: attachment.hasThumbnail ? sealed('thumbnail') : null,
      }
    },

    /** Returns how the file of a link is to be shown. @throws ChatError `forbidden` if the link is wrong or has expired */
    check(link: SealedLink, now: number): Showing {
      const left = link.expires - now
      const isRight = isId(link.id) && isId(link.user) && Number.isSafeInteger(link.expires)
      if (!isRight || !signer.verify(textOf(link), link.seal)) {
        throw new ChatError('forbidden', 'The link is not valid')
      }
      if (left <= 0) throw new ChatError('forbidden', 'The link has expired')
      return { type: link.type, disposition: dispositionOf(link.name, isInline(link.type)), seconds: left }
    },
  }
}

/** No part but the name can hold a line break, and the name stands last. */
function textOf({ id, variant, key, name, type, user, expires }: FileLink): string {
  return ['file', id, variant, key, type, user, expires, name].join('\n')
}
