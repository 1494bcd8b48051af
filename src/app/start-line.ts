import { resolve } from 'node:path'
import manifest from '../../package.json'
import type { Config } from '../config.ts'

/** What the log's line at the start says of what runs, and over what. URLs come without users, passwords and options. */
export function startLine({ mode, dataDir, database, redis }: Config) {
  return {
    version: manifest.version,
    bun: Bun.version,
    mode,
    database: database.url === undefined ? `embedded in ${resolve(dataDir)}` : place(database.url),
    redis: redis.url === undefined ? 'none' : place(redis.url),
  }
}

function place(url: string): string {
  return url.replace(/\/\/[^/?]*@/, '//').replace(/[?#].*/, '')
}
