import { test } from 'bun:test'
import { resumesAcross, resumesSlowly } from './resumes.ts'

const sizes = { many: 7000, tooMany: 8000, resumeLimit: 7500, text: 4000, times: 3 }

test('who comes back is told what they have missed, or how it is', () => resumesAcross(sizes), 120_000)

test('slow clients that catch up cost the server little memory', () => resumesSlowly(6, sizes), 120_000)
