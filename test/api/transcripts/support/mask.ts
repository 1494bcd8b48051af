/** What differs from run to run, as names: the same thing has the same name throughout a transcript. */
export interface Mask {
  /** From here on the person's id and token are called after them, rather than numbered. */
  introduce(person: { readonly id: number; readonly username: string; readonly token: string }): void
  /** A path, a header or a link. */
  text(text: string): string
  /** A body or a frame. */
  json(value: unknown): unknown
}

/** From where the ids of each kind of thing start, so that a number says what it is the id of. */
export const FIRST_IDS = { user: 1001, room: 2001, message: 3001 } as const

const DAY_MS = 86_400_000

/** @param host as it stands in links: the address and the port */
export function createMask(host: string): Mask {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()

  function named(kind: string, value: string): string {
    const known = names.get(`${kind} ${value}`)
    if (known !== undefined) return known
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    const name = `<${kind} ${count}>`
    names.set(`${kind} ${value}`, name)
    return name
  }

  function text(original: string): string {
    return original
      .replaceAll(host, '<host>')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?!\S)/g, '<date and time>')
      .replaceAll(/^~[0-9a-z]+-[0-9a-z]+$/g, (key) => named('key', key))
      .replaceAll(/\b[0-9a-f]{64}\b/g, (id) => named('token id', id))
      .replaceAll(/\b[0-9a-f]{40}\b/g, (token) => named('token', token))
      .replaceAll(/\b\d+-[0-9a-f]{8}\.[0-9a-f]{16}\.\d+\b/g, '<epoch>')
      .replaceAll(/\bguest-[0-9a-f]{10}\b/g, (name) => named('guest name', name))
      .replaceAll(/(?<=[/=])\d{4}(?![^/&?>])/g, (digits) => nameOfId(Number(digits)) ?? digits)
  }

  function nameOfId(id: number): string | null {
    for (const [kind, first] of Object.entries(FIRST_IDS)) {
      if (id >= first && id < first + 999) return named(kind, String(id))
    }
    return null
  }

  function json(value: unknown): unknown {
    if (typeof value === 'number') return nameOfId(value) ?? value
    if (typeof value === 'string') {
      const name = /^\d{4}$/.test(value) ? nameOfId(Number(value)) : null
      // What is a number in one contract is text in another: that is part of the shape.
      return name === null ? text(value) : name.replace('>', ' as text>')
    }
    if (Array.isArray(value)) return value.map(json)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, isRest(key, entry) ? '<time left>' : json(entry)]),
    )
  }

  /** What is left of a token's time differs from run to run; what is left of typing does not. */
  function isRest(key: string, value: unknown): boolean {
    return key === 'expires_in_ms' && typeof value === 'number' && value > DAY_MS
  }

  return {
    introduce({ id, username, token }) {
      names.set(`user ${id}`, `<user ${username}>`)
      names.set(`token ${token}`, `<token of ${username}>`)
    },
    text,
    json,
  }
}
