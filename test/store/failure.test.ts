// Which errors are the statement's own, and which are the database's: only the former may be told as final.
import { describe, expect, test } from 'bun:test'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { codeOf, failureOf, faultOf } from '../../src/store/connection/failure.ts'

const coded = (code: string, message = 'said') => Object.assign(new Error(message), { code })

describe('the fault is', () => {
  test.each([
    '21000',
    '22001',
    '22021',
    '22P02',
    '23505',
    '23503',
    '44000',
    '54000',
    'P0001',
    'PA001',
    'PA004',
  ])("the statement's own: %s", (code) => expect(faultOf(coded(code))).toBe('own'))

  test.each([
    '08000',
    '08006',
    '08P01',
    '0A000',
    '25006',
    '25P02',
    '26000',
    '28000',
    '28P01',
    '3D000',
    '3F000',
    '42501',
    '42883',
    '42P01',
    '42P05',
    '53100',
    '53300',
    '55000',
    '57014',
    '57P01',
    '57P03',
    '58030',
  ])("the database's: %s", (code) => expect(faultOf(coded(code))).toBe('whole'))

  test.each([
    'CONNECTION_CLOSED',
    'CONNECT_TIMEOUT',
    'ECONNREFUSED',
    'ECONNRESET',
    'ENETDOWN',
    'EAI_AGAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SASL_SIGNATURE_MISMATCH',
    'A_CODE_THAT_NOBODY_KNOWS',
  ])("the database's, reported by driver or system: %s", (code) => expect(faultOf(coded(code))).toBe('whole'))

  test.each(['40001', '40P01', '55P03', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED'])(
    "nobody's, because the statement was cancelled or lost a conflict: %s",
    (code) => expect(faultOf(coded(code))).toBe('yielded'),
  )

  test.each(['XX000', 'XX001', 'HV000', 'ZZ999'])(
    "the database's, possibly only for a part of the data: %s",
    (code) => expect(faultOf(coded(code))).toBe('part'),
  )

  test.each(['UNDEFINED_VALUE', 'MAX_PARAMETERS_EXCEEDED', 'ERR_INVALID_ARG_TYPE'])(
    "this program's, which misuses the driver: %s",
    (code) => expect(faultOf(coded(code))).toBe('own'),
  )

  test("the database's if the driver fails on a response, and this program's if its own code fails", () => {
    const ofDriver = Object.defineProperties(new TypeError('null is not an object'), {
      query: { value: 'select 1' },
      parameters: { value: [] },
    })
    expect(faultOf(ofDriver)).toBe('whole')
    expect(faultOf(new DrizzleQueryError('select 1', [], ofDriver))).toBe('whole')
    expect(faultOf(new TypeError('null is not an object'))).toBe('own')
    expect(faultOf('a mere string')).toBe('own')
  })
})

test('a failure has the code and the message of the wrapped error, in one line', () => {
  const error = new DrizzleQueryError('select $1', ['secret'], coded('28P01', 'password\n\tfailed'))
  expect(codeOf(error)).toBe('28P01')
  expect(failureOf(error)).toEqual({
    code: '28P01',
    cause: 'password failed',
    endedBy: 'any success',
    newSession: false,
    ended: false,
  })
  expect(failureOf(coded('CONNECTION_CLOSED', 'write CONNECTION_CLOSED 127.0.0.1:5432'))).toMatchObject({
    cause: 'the connection was closed by 127.0.0.1:5432',
    ended: true,
  })
  expect(failureOf(coded('25006'))).toMatchObject({ endedBy: 'a probe', newSession: true })
  expect(failureOf(coded('53100'))).toMatchObject({ endedBy: 'a write' })
})
