// What no client should send, on every route and socket, while another process asks for the server's health.
import { setDefaultTimeout, test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { unlimited } from '../faults/support/cluster.ts'
import { assault } from './support/assault.ts'

setDefaultTimeout(120_000)

test('hostile input holds up nobody else, at the usual limits', () =>
  assault({ env: {}, mostBytes: 65_536, seed: chooseSeed(), kinds: 2, requests: 200, withinMs: 14_000 }))

test('hostile input holds up nobody else, with the limits raised', () =>
  assault({
    env: { ...unlimited, MAX_BODY_BYTES: '1048576', MAX_MESSAGE_LENGTH: '16000' },
    mostBytes: 1_048_576,
    seed: chooseSeed(),
    kinds: 2,
    requests: 200,
    withinMs: 14_000,
  }))
