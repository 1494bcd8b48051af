import type { Batch } from '../batch.ts'
import type { Environment } from '../environment.ts'
import { badAnswer, disconnected, isProblem, ParleyError, refusalOf } from '../errors.ts'
import { isFrame } from '../link/incoming.ts'
import type { ServerFrame } from '../wire.ts'
import { createEventBlocks } from './event-blocks.ts'

export interface Asked {
  readonly url: string
  readonly token: string
  readonly body: object
  readonly signal: AbortSignal
}

/** How a stream has ended: by a socket's code, or without a word. */
export interface StreamEnd {
  readonly code: number
  readonly reason: string
}

const LOST: StreamEnd = { code: 1006, reason: 'the stream was cut off' }

/**
 * Reads one stream of events to its end, or one answer to a poll.
 * @param take called for each frame, in order, within `batch` for those that came together
 * Rejects with a ParleyError if the server refuses it or is not reached.
 */
export async function readStream(
  asked: Asked,
  { fetch }: Pick<Environment, 'fetch'>,
  batch: Batch,
  take: (frame: ServerFrame) => void,
): Promise<StreamEnd> {
  const response = await post(asked, fetch)
  if (response.status >= 400) throw refusal(response.status, await response.text())
  const { body } = response
  if (body === undefined || body === null) throw new ParleyError('bad_answer', 'This engine reads no streams')
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const blocks = createEventBlocks()
  let end = LOST
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
    if (done || asked.signal.aborted) return end
    batch.run(() => {
      for (const { event, data } of blocks(decoder.decode(value, { stream: true }))) {
        if (event === 'close') end = endOf(parsed(data))
        else for (const frame of framesIn(parsed(data))) if (!asked.signal.aborted) take(frame)
      }
    })
  }
}

/** The same for a poll. */
export async function readPoll(
  asked: Asked,
  { fetch }: Pick<Environment, 'fetch'>,
  batch: Batch,
  take: (frame: ServerFrame) => void,
): Promise<StreamEnd> {
  const response = await post(asked, fetch)
  const text = await response.text().catch(() => null)
  if (text === null) return LOST
  if (response.status >= 400) throw refusal(response.status, text)
  const value = parsed(text)
  if (typeof value !== 'object' || value === null || !('frames' in value)) throw badAnswer()
  batch.run(() => {
    for (const frame of framesIn(value.frames)) if (!asked.signal.aborted) take(frame)
  })
  return endOf(value)
}

async function post({ url, token, body, signal }: Asked, fetch: Environment['fetch']) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  try {
    return await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal,
      credentials: 'omit',
    })
  } catch {
    throw disconnected('The server was not reached')
  }
}

function framesIn(value: unknown): ServerFrame[] {
  return (Array.isArray(value) ? value : [value]).filter(isFrame)
}

function endOf(value: unknown): StreamEnd {
  if (typeof value !== 'object' || value === null || !('code' in value)) return LOST
  const reason = 'reason' in value ? String(value.reason) : ''
  return { code: Number(value.code), reason }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function refusal(status: number, text: string): ParleyError {
  const body = parsed(text)
  if (isProblem(body)) return refusalOf(body.detail, body)
  return new ParleyError('bad_answer', `The server answered ${status}`, { retryable: true })
}
