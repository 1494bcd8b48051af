// The same with every kind of value in every place.
import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { assault } from './support/assault.ts'
import { raised, usual } from './support/limits.ts'

const ALL = {
  kinds: Number.POSITIVE_INFINITY,
  requests: 3000,
  most: Number.POSITIVE_INFINITY,
  withinMs: 240_000,
}

test('all hostile input delays nobody else, at the default limits', () =>
  assault({ ...usual, ...ALL, seed: chooseSeed() }))

test('all hostile input delays nobody else, with the limits raised', () =>
  assault({ ...raised, ...ALL, seed: chooseSeed() }))
