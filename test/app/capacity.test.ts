import { describe, expect, test } from 'bun:test'
import { capacityOf } from '../../src/app/start/capacity.ts'
import { loadConfig } from '../../src/config.ts'

const POSTGRES = 'postgres://localhost/parley'

function capacity(env: Record<string, string>, limit: number | null) {
  return capacityOf(loadConfig(env), limit)
}

describe('the connections that the limit on open files allows', () => {
  test.each([null, 1_048_576])(
    'are those of the settings under a limit of %p, without a warning',
    (limit) => {
      const { maxConnections, warning } = capacity({ DATABASE_URL: POSTGRES, MAX_CONNECTIONS: '5000' }, limit)
      expect(maxConnections).toBe(5000)
      expect(warning).toBeNull()
    },
  )

  test.each([
    [{ DATABASE_URL: POSTGRES }, 150],
    [{ DATABASE_URL: POSTGRES, DATABASE_POOL_SIZE: '100' }, 1024],
    [{ DATABASE_URL: POSTGRES, REDIS_URL: 'redis://localhost' }, 1024],
    [{}, 1024],
  ])('with %j leave files for the database, Redis and requests under a limit of %d', (env, limit) => {
    const { maxConnections, files, warning } = capacity(env, limit)
    expect(warning).toContain(`MAX_CONNECTIONS is 100000`)
    expect(warning).toContain(`${limit} files`)
    expect(warning).toContain(`at most ${maxConnections} sockets`)
    // All sockets are there, and connections are accepted all the same.
    expect(maxConnections).toBeLessThan(files?.enough ?? 0)
    expect(files?.enough).toBeLessThan(files?.most ?? 0)
    expect(files?.most).toBeLessThan(limit)
  })

  test('are too few to start under a small limit, and the error says so', () => {
    expect(() => capacity({}, 150)).toThrow(/^ulimit -n: .*150 files/)
  })
})
