import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { tellsAllTheSame } from './same-numbers.ts'

test('all subscribers receive the same bytes', () => tellsAllTheSame(1500, chooseSeed()), 120_000)
