import { ChatError } from '../core/index.ts'
import { HttpProblem } from './problems.ts'

/**
 * Reads a request's body: JSON, or a form's fields for clients that log in as a form does.
 * @param limit bytes
 * @throws HttpProblem `too_large`, `unsupported_media`; ChatError `invalid` where it is not what it says
 */
export async function readBody(request: Request, contentType: string, limit: number): Promise<unknown> {
  // No body at all is as good as one without fields.
  if (request.body === null) return {}
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json' && type !== 'application/x-www-form-urlencoded') {
    throw new HttpProblem('unsupported_media', 'Unsupported media type in request.')
  }
  const text = await readText(request, request.body, limit)
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(text))
  try {
    return suspect.test(text) ? JSON.parse(text, withoutConversions) : JSON.parse(text)
  } catch {
    throw new ChatError('invalid', 'The body is not valid JSON')
  }
}

/** What may hold one of the keys below, spelt out or escaped. */
const suspect = /toString|valueOf|\\u/

/**
 * Elysia writes a wrong value into its error's text, which fails on objects that bring their own conversion. No route has
 * fields of these names, and unknown ones are ignored anyway.
 */
function withoutConversions(key: string, value: unknown): unknown {
  return key === 'toString' || key === 'valueOf' ? undefined : value
}

async function readText(request: Request, body: ReadableStream<Uint8Array>, limit: number): Promise<string> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > limit) throw new HttpProblem('too_large', `The body must have at most ${limit} bytes`)
  // A body sent in chunks declares no length, so it is counted as it comes.
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > limit) throw new HttpProblem('too_large', `The body must have at most ${limit} bytes`)
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new ChatError('invalid', 'The body is not valid UTF-8')
  }
}
