/** The `id` of what a body holds at the end of the keys. */
export function idOf(body: unknown, ...keys: (string | number)[]): number {
  return numberIn(body, ...keys, 'id')
}

/** The `seq` of a message. */
export function seqOf(body: unknown): number {
  return numberIn(body, 'seq')
}

function numberIn(body: unknown, ...keys: (string | number)[]): number {
  let at = body
  for (const key of keys) {
    at =
      typeof at === 'object' && at !== null
        ? new Map<unknown, unknown>(Object.entries(at)).get(`${key}`)
        : undefined
  }
  const id = Number(at)
  if (!Number.isInteger(id)) throw new Error(`there is no ${keys.at(-1)} in ${JSON.stringify(body)}`)
  return id
}
