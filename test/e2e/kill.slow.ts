import { test } from 'bun:test'
import { chooseSeed } from './random.ts'
import { survivesEmbedded, survivesOnPostgres } from './survival.ts'

test(
  'acknowledged messages survive twenty kills, on Postgres',
  () => survivesOnPostgres(20, chooseSeed()),
  240_000,
)

test(
  'acknowledged messages survive twenty kills, in the embedded database',
  () => survivesEmbedded(20, chooseSeed()),
  240_000,
)
