import type { RedisClient } from './clients.ts'

/** Makes a script for keys of one slot. It is sent by its hash, and as text if the server does not know it (after a restart, flush or failover). */
export class Script {
  readonly #text: string
  readonly #sha: string

  constructor(text: string) {
    this.#text = text
    this.#sha = new Bun.CryptoHasher('sha1').update(text).digest('hex')
  }

  async run(
    client: RedisClient,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    try {
      return await client.evalsha(this.#sha, keys.length, ...keys, ...args)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return client.eval(this.#text, keys.length, ...keys, ...args)
    }
  }
}
