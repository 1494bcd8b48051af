import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { sendsOnceThroughCuts } from './cuts.ts'
import { sendsOnceThroughReloads } from './reloads.ts'

test(
  'a client that is cut off a thousand times sends each message once',
  () => sendsOnceThroughCuts(1000, chooseSeed()),
  120_000,
)

test(
  'a client whose page is left a thousand times while sending sends each message once',
  () => sendsOnceThroughReloads(1000, chooseSeed()),
  120_000,
)
