// Hostile input on every route and every socket, while another process checks the server's health.
import { setDefaultTimeout, test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { assault } from './support/assault.ts'
import { raised, usual } from './support/limits.ts'

setDefaultTimeout(120_000)

const SOME = { kinds: 1, requests: 150, most: 250, withinMs: 14_000 }

test('hostile input delays nobody else, at the default limits', () =>
  assault({ ...usual, ...SOME, seed: chooseSeed() }))

test('hostile input delays nobody else, with the limits raised', () =>
  assault({ ...raised, ...SOME, seed: chooseSeed() }))
