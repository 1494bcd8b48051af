import type { RedisClient } from './clients.ts'

/** A script of one slot: by its hash, and whole where the server does not know it yet (after a restart, a flush, a failover). */
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
