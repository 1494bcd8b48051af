import type { Static, TSchema } from '@sinclair/typebox'
import { parse } from './shape.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined if it is not JSON. */
  readonly json: unknown
}

export interface Ask {
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent unchanged, instead of `json`. */
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | URLSearchParams | FormData
  readonly headers?: Record<string, string>
  readonly token?: string
}

/** Makes one HTTP request. */
export async function ask(method: string, url: string, options: Ask = {}): Promise<Answer> {
  const { json, token, headers } = options
  const body = options.body ?? (json === undefined ? undefined : JSON.stringify(json))
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      // A form says its own.
      ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Token ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })
  const text = await textOf(response)
  return { status: response.status, headers: response.headers, text, json: jsonOf(text) }
}

/** A stream of events has no end to wait for. */
async function textOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return await response.text()
  await response.body?.cancel()
  return ''
}

/** Returns the body of the response if it has the expected status; throws the response otherwise. */
export function expectAnswer<T extends TSchema>(answer: Answer, status: number, shape: T): Static<T> {
  if (answer.status !== status)
    throw new Error(`expected ${status}, but got ${answer.status} ${answer.text.slice(0, 500)}`)
  return parse(shape, answer.json)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
