import { test } from 'bun:test'
import { resumesAcross, resumesSlowly } from './resumes.ts'

const sizes = { many: 7000, tooMany: 8000, resumeLimit: 7500, text: 4000, times: 3 }

test('a client that resumes gets what it missed, or the current state', () => resumesAcross(sizes), 120_000)

test('slow clients that catch up cost the server little memory', () => resumesSlowly(6, sizes), 120_000)
