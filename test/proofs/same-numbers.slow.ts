import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { tellsAllTheSame } from './same-numbers.ts'

test(
  'all subscribers receive the same bytes, for 10,000 changes',
  () => tellsAllTheSame(10_000, chooseSeed()),
  110_000,
)
