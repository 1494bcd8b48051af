import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { tellsNothingAfterRemoval } from './removals.ts'

test(
  'a removed member receives nothing after the removal, a hundred times',
  () => tellsNothingAfterRemoval(100, chooseSeed()),
  120_000,
)
