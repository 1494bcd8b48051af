import { test } from 'bun:test'
import { resumesAcross, resumesSlowly } from './resumes.ts'

const sizes = { many: 10_000, tooMany: 1_000_000, resumeLimit: 20_000, text: 2500, times: 9 }

test(
  'a client that resumes after a million changes gets the current state',
  () => resumesAcross(sizes),
  120_000,
)

test(
  'slow clients that catch up with 10,000 changes cost the server little memory',
  () => resumesSlowly(20, sizes),
  120_000,
)
