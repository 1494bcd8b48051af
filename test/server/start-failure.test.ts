import { expect, test } from 'bun:test'
import { ConfigError } from '../../src/config.ts'
import { SetupError } from '../../src/core/index.ts'
import { failureLine } from '../../src/server/index.ts'

test.each([new ConfigError('PORT must be …'), new SetupError('DATA_DIR: …')])(
  'a failure that the operator can fix is one line: %s',
  (error) => {
    expect(failureLine(error)).toBe(error.message)
  },
)

test.each([new TypeError('undefined is not a function'), new Error('what?')])(
  'an unforeseen failure has its stack: %s',
  (error) => {
    expect(failureLine(error)).toContain(error.message)
    expect(failureLine(error)).toContain('start-failure.test.ts')
  },
)
