import { expect, test } from 'bun:test'
import { findProgram } from './programs.ts'

test.each(['redis-server', 'postgres', 'initdb', 'pg_basebackup', 'pgbouncer'] as const)(
  'finds %s',
  async (name) => {
    const version = Bun.spawnSync([await findProgram(name), '--version'])
    expect(version.stdout.toString()).toMatch(/\d+\.\d+/)
  },
)
