import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { tellsNothingAfterRemoval } from './removals.ts'

test(
  'who is removed is told nothing later than that',
  () => tellsNothingAfterRemoval(8, chooseSeed()),
  120_000,
)
