import type { RedisClient } from './clients.ts'

/** Fields per page. */
const PAGE = 500

/** Reads a hash page by page. Fields that are added or removed meanwhile may be missing or come twice. */
export async function* hashPages(
  client: RedisClient,
  key: string,
): AsyncGenerator<(readonly [field: string, value: string])[]> {
  let cursor = '0'
  do {
    const [next, pairs] = await client.hscan(key, cursor, 'COUNT', PAGE)
    const page: [string, string][] = []
    for (let i = 0; i + 1 < pairs.length; i += 2) page.push([pairs[i] ?? '', pairs[i + 1] ?? ''])
    yield page
    cursor = next
  } while (cursor !== '0')
}
