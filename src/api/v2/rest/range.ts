/**
 * Answers a request for content that never changes, or for one part of it (RFC 9110, 13 and 14). Several parts at once are answered with
 * the whole.
 * @param headers of an answer with content, `etag` among them
 */
export function rangeOf(
  { headers: asked }: Request,
  content: Blob,
  headers: Readonly<Record<string, string>>,
): Response {
  const { etag = '' } = headers
  const has = (tags: string | null) =>
    tags?.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag) === true
  if (has(asked.get('if-none-match'))) return new Response(null, { status: 304, headers })
  const { size } = content
  const condition = asked.get('if-range')
  const range = condition === null || condition === etag ? readRange(asked.get('range'), size) : null
  if (range === null)
    return new Response(content, { headers: { ...headers, 'content-length': String(size) } })
  if (range === 'none') {
    return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${size}` } })
  }
  const { first, last } = range
  return new Response(content.slice(first, last + 1), {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(last + 1 - first),
      'content-range': `bytes ${first}-${last}/${size}`,
    },
  })
}

/** @returns null for the whole, `none` if nothing of it is within the content */
function readRange(text: string | null, size: number): { first: number; last: number } | 'none' | null {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(text ?? '') ?? []
  if (from === undefined || to === undefined || from + to === '') return null
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (from !== '' && to !== '' && Number(to) < Number(from)) return null
  return first > last ? 'none' : { first, last }
}
