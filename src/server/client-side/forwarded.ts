import { parse } from 'forwarded-parse'

/** What proxies say of a request, in `Forwarded` (RFC 7239) or in the older headers. Nothing of it is checked here. */
export interface Forwarded {
  /** Whom each proxy got the request from, as written: the first proxy's client first, the nearest proxy's last. */
  readonly hops: readonly string[]
  /** As the first proxy says; null if none does. */
  readonly proto: string | null
  readonly host: string | null
  /** What each proxy has taken off the path, the first proxy's first. */
  readonly prefixes: readonly string[]
}

const HEADERS = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-prefix',
  'forwarded',
] as const

/** Returns the name of a header by which a proxy tells of the request that it forwards; null if there is none. */
export function forwardingHeader(headers: Headers): string | null {
  return HEADERS.find((name) => headers.has(name)) ?? null
}

/**
 * Reads the headers. One of the older headers goes before the same parameter of `Forwarded`: most proxies write the older ones and
 * pass a client's `Forwarded` on.
 */
export function readForwarded(headers: Headers): Forwarded {
  const elements = elementsOf(headers.get('forwarded'))
  const list = (name: (typeof HEADERS)[number]) =>
    headers
      .get(name)
      ?.split(',')
      .map((item) => item.trim())
  return {
    hops: list('x-forwarded-for') ?? elements.map((element) => element.for ?? 'unknown'),
    proto: list('x-forwarded-proto')?.[0] ?? elements[0]?.proto ?? null,
    host: list('x-forwarded-host')?.[0] ?? elements[0]?.host ?? null,
    prefixes: list('x-forwarded-prefix') ?? [],
  }
}

/**
 * Returns the elements of a `Forwarded` header; none if it is malformed. It is not read in part: whoever writes something malformed
 * could decide which part of a proxy's own words is read.
 */
function elementsOf(header: string | null): readonly Record<string, string | undefined>[] {
  if (header === null) return []
  try {
    return parse(header)
  } catch {
    return []
  }
}
