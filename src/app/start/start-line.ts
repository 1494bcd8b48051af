import { resolve } from 'node:path'
import manifest from '../../../package.json'
import type { Config } from '../../config.ts'

/** Returns the fields of the start line: what runs, on which database and Redis. URLs have no users, passwords or options. */
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
