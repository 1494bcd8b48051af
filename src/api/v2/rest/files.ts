import { t } from 'elysia'
import { ChatError, isId, type SealedLink } from '../../../core/index.ts'
import { responseOf, type Server } from '../../../server/index.ts'
import { parseId } from '../../shared/index.ts'
import type { LinkQuery } from '../attachment-bodies.ts'
import { errors } from '../errors.ts'
import { group } from './group.ts'
import { rangeOf } from './range.ts'

const part = (description: string, example: string) => t.String({ description, examples: [example] })

/** The bytes of attachments, for whoever has a URL that counts. */
export function fileRoutes({ chat }: Server) {
  return group('files').get(
    '/files/:attachment/:variant',
    async ({ params, query, request }) => {
      const { stored, showing } = await chat.attachments.open(linkOf(params, query))
      const cache = `private, max-age=${showing.seconds}, immutable`
      if (stored.at === 'elsewhere') {
        // The address expires with the link.
        return new Response(null, {
          status: 302,
          headers: { location: stored.url, 'cache-control': 'no-store' },
        })
      }
      const headers = {
        'content-type': showing.type,
        'content-disposition': showing.disposition,
        // A page that a file may hold runs nothing, loads nothing and is of no origin.
        'content-security-policy': "default-src 'none'; sandbox",
        'cross-origin-resource-policy': 'cross-origin',
        'cache-control': cache,
        'accept-ranges': 'bytes',
        etag: `"${query.key}-${params.variant}"`,
      }
      return rangeOf(request, stored.content, headers)
    },
    {
      params: t.Object({
        attachment: part("The attachment's id", '7'),
        variant: part('`original` or `thumbnail`', 'original'),
      }),
      query: t.Object({
        key: part('Names the bytes', '9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b'),
        name: part('The name to save the file under', 'plan.png'),
        type: part('The media type', 'image/png'),
        user: part('For whom the URL was made', '1'),
        expires: part('Until when it counts, in seconds since 1970', '1770976800'),
        seal: part('Of all of these', 'pV3ysl1Wb9b7k1m2nX0c'),
      }),
      response: {
        200: responseOf(t.Any(), {
          description: 'The file',
          mediaType: 'application/octet-stream',
        }),
        ...errors.file,
      },
      detail: {
        operationId: 'getFile',
        summary:
          'Get the bytes of an attachment, by a URL as it was told with the attachment. Takes `Range` and `If-None-Match`; may redirect to where they are',
      },
    },
  )
}

function linkOf(
  params: { readonly attachment: string; readonly variant: string },
  query: LinkQuery,
): SealedLink {
  const id = parseId(params.attachment)
  const { variant } = params
  const [user, expires] = [Number(query.user), Number(query.expires)]
  if (id === null || !isId(user) || (variant !== 'original' && variant !== 'thumbnail')) {
    throw new ChatError('forbidden', 'The link is not valid')
  }
  const { key, name, type, seal } = query
  return { id, variant, key, name, type, user, expires, seal }
}
