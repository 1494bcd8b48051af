/** A request with a file. */
export interface FormRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: FormData
  readonly signal: AbortSignal
  readonly onProgress: (part: number) => void
}

/** The part of an XMLHttpRequest that the library uses. */
interface RequestLike {
  readonly status: number
  readonly responseText: string
  readonly upload: { onprogress: ((event: { loaded: number; total: number }) => void) | null }
  onload: (() => void) | null
  onerror: (() => void) | null
  onabort: (() => void) | null
  open(method: string, url: string): void
  setRequestHeader(name: string, value: string): void
  send(body: FormData): void
  abort(): void
}

/** Returns what tells how much has been sent: in browsers, where `fetch` does not. null elsewhere. */
export function requestWithProgress(): (new () => RequestLike) | null {
  const found: unknown = Reflect.get(globalThis, 'XMLHttpRequest')
  return isRequest(found) ? found : null
}

function isRequest(value: unknown): value is new () => RequestLike {
  return typeof value === 'function'
}

/** Rejects if the server is not reached or the signal ends it. */
export function sendWithProgress(
  Request: new () => RequestLike,
  { url, headers, body, signal, onProgress }: FormRequest,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(new Error('ended'))
    const request = new Request()
    request.open('POST', url)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total)
    request.onload = () => resolve({ status: request.status, text: request.responseText })
    request.onerror = () => reject(new Error('not reached'))
    request.onabort = () => reject(new Error('ended'))
    signal.addEventListener('abort', () => request.abort())
    if (!signal.aborted) request.send(body)
  })
}
