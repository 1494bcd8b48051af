import type { Environment } from '../environment.ts'
import { isProblem, ParleyError, refusalOf } from '../errors.ts'
import { type FormRequest, requestWithProgress, sendWithProgress } from './form-upload.ts'

export interface Call {
  /** Parameters that are undefined are left out. */
  query?: object
  body?: object
  idempotencyKey?: string | undefined
}

export interface Http {
  /** Resolves to the body of a successful response, of the type that the server's schema gives. Rejects with a `ParleyError`. */
  call<Answer>(method: Method, path: string, call?: Call): Promise<Answer>
  /** The same for a file, which may take as long as it needs. */
  upload<Answer>(path: string, file: Blob, options: UploadOptions): Promise<Answer>
}

export interface UploadOptions {
  /** The file's name, if it has none of its own. */
  name?: string
  /** Ends the upload. */
  signal?: AbortSignal
  /** Told how much has been sent, from 0 to 1: by steps in a browser, elsewhere at the end. */
  onProgress?: (part: number) => void
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** @param token null for requests that need no signed-in user */
export function createHttp(
  { base, timeoutMs, token }: { base: string; timeoutMs: number; token: (() => Promise<string>) | null },
  { fetch, clock }: Pick<Environment, 'fetch' | 'clock'>,
): Http {
  /** The session cookie of another contract must not identify the user here. */
  const credentials = 'omit'

  async function send(method: Method, path: string, { query = {}, body, idempotencyKey }: Call) {
    const headers: Record<string, string> = {}
    if (token) headers.authorization = `Bearer ${await token()}`
    if (body) headers['content-type'] = 'application/json'
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey
    const controller = new AbortController()
    const cancel = clock.after(timeoutMs, () => controller.abort())
    try {
      const response = await fetch(`${base}/api/v2${path}${queryText(query)}`, {
        method,
        headers,
        credentials,
        signal: controller.signal,
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      return { status: response.status, text: await response.text() }
    } catch (cause) {
      throw controller.signal.aborted
        ? new ParleyError('timeout', `No answer within ${timeoutMs} ms`, { cause })
        : new ParleyError('disconnected', notReached(base), { cause })
    } finally {
      cancel()
    }
  }

  return {
    async call<Answer>(method: Method, path: string, call: Call = {}): Promise<Answer> {
      return answerOf(await send(method, path, call))
    },

    async upload<Answer>(path: string, file: Blob, options: UploadOptions): Promise<Answer> {
      const { signal = new AbortController().signal, onProgress = () => undefined, name } = options
      const body = new FormData()
      body.append('file', file, name ?? ('name' in file ? String(file.name) : 'file'))
      const headers: Record<string, string> = token ? { authorization: `Bearer ${await token()}` } : {}
      const url = `${base}/api/v2${path}`
      onProgress(0)
      try {
        const request = { url, headers, body, signal, onProgress }
        const WithProgress = requestWithProgress()
        const answer =
          WithProgress === null ? await sendForm(request) : await sendWithProgress(WithProgress, request)
        if (answer.status < 400) onProgress(1)
        return answerOf(answer)
      } catch (cause) {
        if (cause instanceof ParleyError) throw cause
        throw signal.aborted
          ? new ParleyError('stopped', 'The upload was ended', { cause })
          : new ParleyError('disconnected', notReached(base), { cause })
      }
    },
  }

  async function sendForm({ url, headers: given, body, signal }: FormRequest): Promise<Answered> {
    const response = await fetch(url, { method: 'POST', headers: { ...given }, credentials, signal, body })
    return { status: response.status, text: await response.text() }
  }
}

interface Answered {
  status: number
  text: string
}

/** @throws ParleyError */
function answerOf<Answer>({ status, text }: Answered): Answer {
  if (status >= 400) throw errorOf(status, text)
  try {
    return JSON.parse(text === '' ? 'null' : text)
  } catch (cause) {
    throw new ParleyError('bad_answer', 'The response is not JSON', { cause })
  }
}

function queryText(query: object): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

/** A browser tells a page nothing of why a call to another origin has failed. */
function notReached(base: string): string {
  const page = pageOrigin()
  if (page === null || page === new URL(base).origin) return 'The server was not reached'
  return `The server was not reached, or it does not allow pages of ${page} (ALLOWED_ORIGINS)`
}

/** Returns the origin of the page that the library runs in; null if it runs in none. */
function pageOrigin(): string | null {
  const place: unknown = Reflect.get(globalThis, 'location')
  if (typeof place !== 'object' || place === null || !('origin' in place)) return null
  return typeof place.origin === 'string' ? place.origin : null
}

/** A proxy between client and server may answer in its place, in another format. */
function errorOf(status: number, text: string): ParleyError {
  try {
    const body: unknown = JSON.parse(text)
    if (isProblem(body)) return refusalOf(body.detail, body)
  } catch {
    // Not a response of Parley; the next line reports that.
  }
  return new ParleyError('bad_answer', `The server answered ${status}`, {
    retryable: status === 429 || status >= 500,
  })
}
