import { test } from 'bun:test'
import { chooseSeed } from './random.ts'
import { survivesEmbedded, survivesOnPostgres } from './survival.ts'

test(
  'what was acknowledged survives twenty kills, on Postgres',
  () => survivesOnPostgres(20, chooseSeed()),
  240_000,
)

test('and in the embedded database', () => survivesEmbedded(20, chooseSeed()), 240_000)
