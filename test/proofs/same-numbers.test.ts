import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { tellsAllTheSame } from './same-numbers.ts'

test(
  'who listens is told the same as the others, to the letter',
  () => tellsAllTheSame(1500, chooseSeed()),
  120_000,
)
