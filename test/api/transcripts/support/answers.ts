/** The `id` of what a body holds at the end of the keys. */
export function idOf(body: unknown, ...keys: (string | number)[]): number {
  let at = body
  for (const key of [...keys, 'id']) {
    at =
      typeof at === 'object' && at !== null
        ? new Map<unknown, unknown>(Object.entries(at)).get(`${key}`)
        : undefined
  }
  const id = Number(at)
  if (!Number.isInteger(id)) throw new Error(`there is no id in ${JSON.stringify(body)}`)
  return id
}
