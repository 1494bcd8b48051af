import { ChatError } from '../../core/index.ts'
import { HttpProblem } from '../problem.ts'
import { countOf } from './count-of.ts'
import { JsonProblem, readJson } from './json.ts'

/** Chunks, or what the network makes of a body: each costs as much as hundreds of bytes, however small it is. */
const MOST_PIECES = 4096

export interface BodyLimits {
  readonly maxBodyBytes: number
  /** Milliseconds from the head of a request within which its body must have come. */
  readonly bodyDeadlineMs: number
}

export type Bodies = ReturnType<typeof createBodies>

/** Reads the bodies of requests: JSON, or a form's fields for clients that log in as a form does. */
export function createBodies({ maxBodyBytes, bodyDeadlineMs }: BodyLimits) {
  /** Those of which more may come, which nobody wants. */
  const cutShort = new WeakSet<Request>()

  async function readText(request: Request, body: ReadableStream<Uint8Array>): Promise<string> {
    const tooLarge = () => new HttpProblem('too_large', `The body must have at most ${maxBodyBytes} bytes`)
    if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) throw tooLarge()
    const reader = body.getReader()
    const cut = () => {
      cutShort.add(request)
      // Its connection closes after the answer; that the client has gone already is no news.
      reader.cancel().catch(() => undefined)
    }
    let isLate = false
    // Whatever comes within the connection's own time-out keeps it open, however little it is.
    const deadline = setTimeout(() => {
      isLate = true
      cut()
    }, bodyDeadlineMs)
    try {
      // A body sent in chunks declares no length, so it is counted as it comes.
      const chunks: Uint8Array[] = []
      let size = 0
      for (;;) {
        const { done, value } = await reader.read()
        if (isLate) throw new ChatError('invalid', `The body must arrive within ${bodyDeadlineMs} ms`)
        if (done) return decoded(chunks)
        size += value.byteLength
        if (size > maxBodyBytes) {
          cut()
          throw tooLarge()
        }
        if (chunks.length === MOST_PIECES) {
          cut()
          throw new ChatError('invalid', `The body must come in at most ${MOST_PIECES} pieces`)
        }
        chunks.push(value)
      }
    } finally {
      clearTimeout(deadline)
    }
  }

  return {
    /** @throws HttpProblem `too_large`, `unsupported_media`; ChatError `invalid` where it is not what it says, or too slow */
    async read(request: Request, contentType: string): Promise<unknown> {
      // No body at all is as good as one without fields.
      if (request.body === null) return {}
      const type = contentType.split(';', 1)[0]?.trim().toLowerCase()
      if (type !== 'application/json' && type !== 'application/x-www-form-urlencoded') {
        throw new HttpProblem('unsupported_media', 'Unsupported media type in request.')
      }
      const text = await readText(request, request.body)
      if (type === 'application/x-www-form-urlencoded') return readForm(text)
      try {
        return readJson(text)
      } catch (error) {
        throw error instanceof JsonProblem ? new ChatError('invalid', `The body ${error.message}`) : error
      }
    },

    /** Whether some of the body may be still to come: nobody has read it, or not to its end. */
    isUnread(request: Request): boolean {
      return cutShort.has(request) || (!request.bodyUsed && announcesBody(request.headers))
    },
  }
}

/** @throws ChatError `invalid` for more fields than any form has: each takes longer than all that one may hold */
function readForm(text: string): Record<string, string> {
  if (countOf('&', text, MOST_FIELDS) >= MOST_FIELDS) {
    throw new ChatError('invalid', `The body has more than ${MOST_FIELDS} fields`)
  }
  return Object.fromEntries(new URLSearchParams(text))
}

/** As Django has it. */
const MOST_FIELDS = 1000

/** One that comes with a GET, too, which Bun has no stream for. */
function announcesBody(headers: Headers): boolean {
  return headers.has('transfer-encoding') || Number(headers.get('content-length') ?? 0) > 0
}

function decoded(chunks: readonly Uint8Array[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new ChatError('invalid', 'The body is not valid UTF-8')
  }
}
