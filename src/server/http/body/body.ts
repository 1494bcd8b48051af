import { ChatError, type ReceivedFile, type TakeTurn } from '../../../core/index.ts'
import { HttpProblem } from '../../problem.ts'
import { countOf } from './count-of.ts'
import { JsonProblem, readJson } from './json.ts'
import { Upload, type UploadOptions } from './upload.ts'

/** The most chunks in which a body may arrive. Each costs as much as hundreds of bytes, however small it is. */
const MOST_PIECES = 4096

export interface BodyLimits {
  readonly maxBodyBytes: number
  /** Milliseconds from the head of a request until its body must have arrived. */
  readonly bodyDeadlineMs: number
}

export type Bodies = ReturnType<typeof createBodies>

/** Reads the bodies of requests: JSON, or the fields of a form, which some clients sign in with. */
export function createBodies({ maxBodyBytes, bodyDeadlineMs }: BodyLimits, takeTurn: TakeTurn) {
  /** Requests that were not read to their ends, and will not be. */
  const cutShort = new WeakSet<Request>()

  /** @param isReadable whether the type is one that is read; of another type only an empty body is accepted */
  async function readText(
    request: Request,
    body: ReadableStream<Uint8Array>,
    isReadable: boolean,
  ): Promise<string> {
    const tooLarge = () => new ChatError('too_large', `The body must have at most ${maxBodyBytes} bytes`)
    if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) throw tooLarge()
    const reader = body.getReader()
    const cut = () => {
      cutShort.add(request)
      // The connection closes after the answer. The cancel fails if the client has gone already, which is of no interest.
      reader.cancel().catch(() => undefined)
    }
    let isLate = false
    // Any byte within the connection's idle time-out keeps the connection open, so the body needs a deadline of its own.
    const deadline = setTimeout(() => {
      isLate = true
      cut()
    }, bodyDeadlineMs)
    try {
      // A body in chunks declares no length, so its bytes are counted as they arrive.
      const chunks: Uint8Array[] = []
      let size = 0
      for (;;) {
        const { done, value } = await reader.read()
        if (isLate) throw new ChatError('invalid', `The body must arrive within ${bodyDeadlineMs} ms`)
        if (done) return decoded(chunks)
        if (!isReadable) {
          cut()
          throw unsupported()
        }
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
    /** @throws HttpProblem `unsupported_media`; ChatError `too_large`, `invalid` if it does not match its type or is too slow */
    async read(request: Request, contentType: string): Promise<unknown> {
      // A missing body counts as one without fields, and so does an empty one in chunks, which says so only at its end.
      if (request.body === null) return {}
      const type = contentType.split(';', 1)[0]?.trim().toLowerCase()
      const isForm = type === 'application/x-www-form-urlencoded'
      const isReadable = isForm || type === 'application/json'
      // Only a body in chunks may turn out to be empty.
      if (!isReadable && request.headers.has('content-length')) throw unsupported()
      const text = await readText(request, request.body, isReadable)
      if (text === '') return {}
      // The value is checked in the same turn: large ones that arrived together would hold up everyone else.
      await takeTurn(text.length)
      if (isForm) return readForm(text)
      try {
        return readJson(text)
      } catch (error) {
        throw error instanceof JsonProblem ? new ChatError('invalid', `The body ${error.message}`) : error
      }
    },

    /**
     * Receives the file of a form into a new file, which belongs to the caller.
     * @throws HttpProblem `unsupported_media`; ChatError `too_large`, `invalid` if it is no whole form or too slow
     */
    async receive(request: Request, mostBytes: number, options: UploadOptions): Promise<ReceivedFile> {
      if (request.body === null) throw new ChatError('invalid', 'file: is required', { field: 'file' })
      const upload = new Upload(request, request.body, mostBytes, options)
      try {
        return await upload.received()
      } catch (error) {
        cutShort.add(request)
        throw error
      }
    },

    /** Returns whether a part of the body may still arrive, because nothing has read it to its end. */
    isUnread(request: Request): boolean {
      return cutShort.has(request) || (!request.bodyUsed && announcesBody(request.headers))
    },
  }
}

function unsupported(): HttpProblem {
  return new HttpProblem('unsupported_media', 'Unsupported media type in request.')
}

/** @throws ChatError `invalid` for more fields than any form has: the number of fields costs more time than their length */
function readForm(text: string): Record<string, string> {
  if (countOf('&', text, MOST_FIELDS) >= MOST_FIELDS) {
    throw new ChatError('invalid', `The body has more than ${MOST_FIELDS} fields`)
  }
  return Object.fromEntries(new URLSearchParams(text))
}

/** The same limit as Django's. */
const MOST_FIELDS = 1000

/** Returns whether a body follows; it may do so after a GET, too, for which Bun has no stream. */
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
