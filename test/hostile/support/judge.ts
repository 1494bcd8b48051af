import { isError } from '../../api/support/judge.ts'

/** What is wrong with an answer, whatever was asked; null if it may be. */
export async function judged(answer: Response): Promise<string | null> {
  if (answer.headers.get('content-type')?.startsWith('text/event-stream')) {
    // It has no end.
    await answer.body?.cancel()
    return problemOf(answer.status, answer.headers, '')
  }
  const text = await answer.text()
  return problemOf(answer.status, answer.headers, text)
}

export function problemOf(status: number, headers: Headers, text: string): string | null {
  const shown = `${status} ${text.slice(0, 200)}`
  // What is no request, or has more of a head than is read, is refused before anyone sees it.
  if (text === '' && [400, 431, 505].includes(status)) return null
  if (status >= 500 && status !== 503) return `a fault: ${shown}`
  if ((status === 503 || status === 429) && !headers.has('retry-after')) return `no Retry-After: ${shown}`
  if (status < 400) return null
  const body = jsonOf(text)
  return isError(body) || isUnready(body) ? null : `not a contract’s error: ${shown}`
}

/** What `/readyz` answers while the database has more to do than it can. */
function isUnready(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'reason' in body && body.reason === 'database'
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
