import { test } from 'bun:test'
import { chooseSeed } from '../e2e/random.ts'
import { sendsOnceThroughCuts } from './cuts.ts'
import { sendsOnceThroughReloads } from './reloads.ts'

test(
  'a client that is cut off repeatedly sends each message once',
  () => sendsOnceThroughCuts(60, chooseSeed()),
  120_000,
)

test(
  'a client whose page is left while sending sends each message once',
  () => sendsOnceThroughReloads(60, chooseSeed()),
  120_000,
)
