import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { allShowTheSame } from './convergence.ts'

test(
  'whatever happens to their connections, all come to show what is so',
  () => allShowTheSame(2, 150, chooseSeed()),
  120_000,
)
