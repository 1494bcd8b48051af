import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { allShowTheSame } from './convergence.ts'

test(
  'whatever happens to their connections, all clients converge',
  () => allShowTheSame(2, 150, chooseSeed()),
  120_000,
)

test(
  'so do clients that follow their rooms by events and polls, on two nodes',
  () => allShowTheSame(2, 100, chooseSeed(), ['events', 'poll', 'socket'], 2),
  120_000,
)
