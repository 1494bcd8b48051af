import { test } from 'bun:test'
import { resumesAcross, resumesSlowly } from './resumes.ts'

const sizes = { many: 10_000, tooMany: 1_000_000, resumeLimit: 20_000, text: 2500, times: 9 }

test('who comes back after a million changes is told how it is', () => resumesAcross(sizes), 120_000)

test(
  'slow clients that catch up with 10,000 changes cost the server little memory',
  () => resumesSlowly(20, sizes),
  120_000,
)
