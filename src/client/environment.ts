// What the library uses of its JavaScript engine. Tests can replace it.

export interface Clock {
  /** Milliseconds since 1970, by the machine's clock, which may be set back. For times that are kept over reloads and sleep. */
  now(): number
  /** Monotonic milliseconds since some moment. For durations. */
  ticks(): number
  /** Runs `act` once after `ms`, at most 2^31-1. Returns a function that cancels it. */
  after(ms: number, act: () => void): () => void
}

/** The part of a WebSocket that the library uses. */
export interface SocketLike {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void
  send(text: string): void
  close(code?: number, reason?: string): void
}

export type SocketConstructor = new (url: string) => SocketLike

export type Fetch = (
  url: string,
  init: {
    method: string
    headers: Record<string, string>
    body?: string | FormData
    signal: AbortSignal
    credentials: 'omit'
  },
) => Promise<Answer>

/** The part of a response that the library uses. Without `body` it follows rooms by polls if there is no WebSocket. */
export interface Answer {
  readonly status: number
  text(): Promise<string>
  readonly body?: { getReader(): ChunkReader } | null
}

interface ChunkReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>
}

/** Emits `online`, `offline`, `focus`, `pageshow` and `visibilitychange`, as a browser's window does. */
export interface Network {
  readonly document?: { readonly visibilityState: string }
  addEventListener(type: string, listener: () => void): void
  removeEventListener(type: string, listener: () => void): void
}

/** Receives the library's log lines, which never contain a token or a body. */
export type Logger = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  details?: Readonly<Record<string, unknown>>,
) => void

export interface Environment {
  readonly clock: Clock
  /** From 0 to less than 1. */
  readonly random: () => number
  /** null if the engine has none and none was given. */
  readonly WebSocket: SocketConstructor | null
  readonly fetch: Fetch
  readonly network: Network | null
  readonly log: Logger
}

export function environment(given: Partial<Environment>): Environment {
  return {
    clock: given.clock ?? systemClock,
    random: given.random ?? Math.random,
    WebSocket: given.WebSocket ?? globalThis.WebSocket ?? null,
    fetch: given.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    network: given.network === undefined ? globalNetwork() : given.network,
    log: given.log ?? (() => undefined),
  }
}

const systemClock: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
}

function globalNetwork(): Network | null {
  return 'addEventListener' in globalThis ? globalThis : null
}
