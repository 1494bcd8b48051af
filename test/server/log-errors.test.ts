import { describe, expect, test } from 'bun:test'
import { Type as t } from '@sinclair/typebox'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { ChatError } from '../../src/core/index.ts'
import { parse } from '../api/support/shape.ts'
import { loggerTo } from '../support/log-lines.ts'

const SECRET = 'canary-3c2e'
const Line = t.Object({ err: t.Optional(t.Unknown()) })
/** Words that are written so as to pass for the stack's frames. */
const DISGUISED = `${SECRET}@x\n    at ${SECRET} (/home/${SECRET}.ts:1:1)\n    at /${SECRET}:2:2\n${SECRET}@file:///x`

test('failures while the database is unavailable have level debug, because the outage has its own line', () => {
  const { log, lines } = loggerTo('debug')
  const away = new ChatError('unavailable', 'The database is not available, try again')
  log.warn({ err: away, room: 7 }, 'a periodic task failed')
  log.error({ err: new ChatError('overloaded', 'The server is busy, try again') }, 'a send failed')
  log.warn('a warning')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 20, room: 7, msg: 'a periodic task failed' },
    { level: 50, msg: 'a send failed' },
    { level: 40, msg: 'a warning' },
  ])
})

describe('the log contains of an error', () => {
  test('its type, message and stack', () => {
    const line = logged(new TypeError('it broke'))
    expect(line).toMatchObject({ type: 'TypeError', message: 'it broke' })
    expect(JSON.stringify(line)).toContain('log-errors.test.ts')
  })

  test('the code of a database error, but not the values that it quotes', () => {
    const error = Object.assign(new Error(`duplicate key (name)=(${DISGUISED})`), {
      code: '23505',
      detail: SECRET,
    })
    const line = logged(error)
    expect(line).toMatchObject({ code: '23505' })
    expect(JSON.stringify(line)).not.toContain(SECRET)
  })

  test('no statement parameters, nor what looks like a stack in them', () => {
    const cause = Object.assign(new Error(`invalid input: "${DISGUISED}"`), {
      code: '22P02',
      parameters: [DISGUISED],
      args: [DISGUISED],
    })
    const line = logged(new DrizzleQueryError('select $1', [DISGUISED], cause))
    expect(JSON.stringify(line)).not.toContain(SECRET)
    expect(JSON.stringify(line)).toContain('22P02')
    expect(JSON.stringify(line)).toContain('log-errors.test.ts')
  })

  test('its causes, to a sensible depth, also if they form a circle', () => {
    const first = new Error('first')
    const second = new Error('second', { cause: first })
    expect(JSON.stringify(logged(second))).toContain('first')
    first.cause = second
    expect(JSON.stringify(logged(second))).toContain('second')
  })

  test.each([undefined, null, 7, SECRET, { secret: SECRET }, [SECRET], () => SECRET])(
    'only the type of %p, which is not an error',
    (thrown) => {
      expect(JSON.stringify(logged(thrown) ?? '')).not.toContain(SECRET)
    },
  )

  test('nothing of its former text if it was changed after it was thrown', () => {
    const error = new Error(DISGUISED)
    // Bun has it in the stack only once it was read.
    expect(error.stack).toContain(SECRET)
    error.message = 'mended'
    expect(JSON.stringify(logged(error))).not.toContain(SECRET)
  })
})

/** What the server's logger makes of it. */
function logged(err: unknown): unknown {
  const { log, lines } = loggerTo('trace')
  log.error({ err }, 'a request failed')
  const [line = '{}'] = lines
  const parsed: unknown = JSON.parse(line)
  return parse(Line, parsed).err
}
