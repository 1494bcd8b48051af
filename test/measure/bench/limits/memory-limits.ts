/*
 * The server with limits of its own: budgets and limits of addresses are counted in memory, as on a node that is alone, while
 * all else goes over Redis as ever. What is counted in Redis is replaced before the server is loaded; its own code is as it is.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const REPLACED = {
  'cluster/shared-budget.ts': 'own-budget.ts',
  'cluster/redis/limits/limiter.ts': 'own-limiter.ts',
} as const

const SOURCES = join(import.meta.dir, '../../../../src')

Bun.plugin({
  name: 'limits in memory',
  setup(build) {
    for (const [module, replacement] of Object.entries(REPLACED)) {
      const path = join(SOURCES, module)
      // Otherwise it would be replaced nowhere, and nobody would notice here.
      if (!existsSync(path)) throw new Error(`there is no ${module}`)
      const place = RegExp.escape(path)
      build.onLoad({ filter: new RegExp(`^${place}$`) }, () => ({
        contents: `export * from ${JSON.stringify(join(import.meta.dir, replacement))}`,
        loader: 'ts',
      }))
    }
  },
})

await import('../../../../src/main.ts')
