// The same with every kind of value in every place.
import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { assault } from './support/assault.ts'
import { raised, usual } from './support/limits.ts'

const ALL = { kinds: Number.POSITIVE_INFINITY, requests: 3000, withinMs: 240_000 }

test('everything hostile holds up nobody else, at the usual limits', () =>
  assault({ ...usual, ...ALL, seed: chooseSeed() }))

test('everything hostile holds up nobody else, with the limits raised', () =>
  assault({ ...raised, ...ALL, seed: chooseSeed() }))
