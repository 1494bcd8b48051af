import type { Addresses } from './address.ts'
import { type Forwarded, forwardingHeader, readForwarded } from './forwarded.ts'

/** A request from its client's side: who the client is, and under which URL it sees the server. */
export interface ClientSide {
  /** The client's IP address, or that of the first proxy which does not tell it. */
  readonly address: string
  /** Scheme, host and any unusual port, as browsers write an origin: `https://chat.example.com`. */
  readonly origin: string
  /** What comes before the paths of the server: `/chat`, without a slash at its end, or nothing. */
  readonly prefix: string
}

/** A request's connection, as this process sees it. */
export interface Arrival {
  /** The address of the other end. */
  readonly peer: string
  readonly tls: boolean
  /** The port that was connected to. */
  readonly port: number
}

export interface PublicPlace {
  /** The only origin that clients use, whatever they send; undefined takes it from each request. */
  readonly origin: string | undefined
  /** The prefix of requests for which no proxy tells one. */
  readonly prefix: string
}

export type ClientSides = ReturnType<typeof createClientSides>

/**
 * Reads what requests, and the proxies that they came through, say of the client's side. Proxies' headers count only from trusted ones.
 * @param onUntrusted told of each request with such a header that came from anyone else
 */
export function createClientSides(
  addresses: Addresses,
  place: PublicPlace,
  onUntrusted: (peer: string, header: string) => void = () => undefined,
) {
  function forwardedOf(headers: Headers, peer: string): Forwarded | null {
    const header = forwardingHeader(headers)
    if (header === null) return null
    if (addresses.trusted(peer)) return readForwarded(headers)
    onUntrusted(peer, header)
    return null
  }

  return {
    /** Returns the client's side of a request; null if its Host header is not valid, as if there are two. */
    of(headers: Headers, { peer, tls, port }: Arrival): ClientSide | null {
      // An empty one says as little as none, which HTTP/1.0 allows.
      const host = headers.get('host') || `localhost:${port}`
      if (!isHost(host)) return null
      const forwarded = forwardedOf(headers, peer)
      const scheme = schemeOf(forwarded?.proto) ?? (tls ? 'https' : 'http')
      const own = originOf(scheme, host)
      if (own === null) return null
      return {
        address: addresses.client(peer, forwarded?.hops ?? []),
        origin: place.origin ?? originOf(scheme, forwarded?.host) ?? own,
        prefix: prefixOf(forwarded?.prefixes ?? []) ?? place.prefix,
      }
    },
  }
}

/** A name in the DNS has at most 253 characters, and a port six with its colon. */
const MOST_HOST = 259

/** To be asked before the URL is read: 20 ms go into reading a name of 15,000 characters that encode Unicode marks. */
export function hasLongHost(headers: Headers): boolean {
  return (headers.get('host')?.length ?? 0) > MOST_HOST
}

function isHost(text: string): boolean {
  return text.length <= MOST_HOST && /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d*)?$/i.test(text)
}

/** Returns the origin, without the scheme's usual port; null if there is no such host. */
function originOf(scheme: string, host: string | null | undefined): string | null {
  if (host === null || host === undefined || !isHost(host)) return null
  return URL.parse(`${scheme}://${host}`)?.origin ?? null
}

function schemeOf(proto: string | null | undefined): string | null {
  switch (proto?.toLowerCase()) {
    case 'https':
    case 'wss':
      return 'https'
    case 'http':
    case 'ws':
      return 'http'
    default:
      return null
  }
}

/** Returns the prefixes as one; null if there are none or one is no plain path. */
function prefixOf(prefixes: readonly string[]): string | null {
  if (prefixes.length === 0) return null
  const parts = prefixes.map((prefix) => prefix.replace(/\/$/, ''))
  return parts.every((part) => /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~%-]+)*$/.test(part)) ? parts.join('') : null
}
