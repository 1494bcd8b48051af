import { Redis } from 'ioredis'

/** Asks a Redis something of the test's own. */
export async function asking<T>(url: string, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { retryStrategy: () => null })
  client.on('error', () => undefined)
  try {
    return await ask(client)
  } finally {
    client.disconnect()
  }
}

/** One line a connection, as `CLIENT LIST` has them, without the asking one. */
export async function connectionsOf(url: string): Promise<Record<string, string>[]> {
  const list = await asking(url, async (client) => String(await client.client('LIST')))
  const lines = list.trim().split('\n').map(fieldsOf)
  return lines.filter(({ cmd }) => cmd !== 'client|list')
}

/** Ends the connections that block in a read. @returns how many they were */
export async function killReaders(url: string): Promise<number> {
  const readers = (await connectionsOf(url)).filter(({ cmd }) => cmd === 'xread')
  await asking(url, async (client) => {
    for (const { id = '' } of readers) await client.call('CLIENT', 'KILL', 'ID', id)
  })
  return readers.length
}

function fieldsOf(line: string): Record<string, string> {
  return Object.fromEntries(line.split(' ').map((pair) => pair.split(/=(.*)/s).slice(0, 2)))
}
