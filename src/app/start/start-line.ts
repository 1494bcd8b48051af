import { resolve } from 'node:path'
import manifest from '../../../package.json'
import type { Config } from '../../config.ts'

/** Returns the fields of the start line: version, mode, database and Redis. URLs are shown without users, passwords and options. */
export function startLine({ mode, dataDir, database, redis }: Config) {
  return {
    version: manifest.version,
    bun: Bun.version,
    mode,
    database: database.url === undefined ? `embedded in ${resolve(dataDir)}` : withoutSecrets(database.url),
    redis: redis.url === undefined ? 'none' : withoutSecrets(redis.url),
  }
}

function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/?]*@/, '//').replace(/[?#].*/, '')
}
