import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { tellsNothingAfterRemoval } from './removals.ts'

test(
  'a removed member receives nothing after the removal',
  () => tellsNothingAfterRemoval(8, chooseSeed()),
  120_000,
)
