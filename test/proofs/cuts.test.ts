import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { sendsOnceThroughCuts } from './cuts.ts'
import { sendsOnceThroughReloads } from './reloads.ts'

test(
  'a client that is cut off again and again sends each message once',
  () => sendsOnceThroughCuts(60, chooseSeed()),
  120_000,
)

test(
  'so does one whose page is left in the middle of it',
  () => sendsOnceThroughReloads(60, chooseSeed()),
  120_000,
)
