import { expect, test } from 'bun:test'
import { SetupError } from '../../src/core/index.ts'
import { listenFailure } from '../../src/server/http/listener/listen-failure.ts'

const PLACE = { variable: 'TLS_PORT', host: '::1', port: 443 } as const

test.each([
  ['EADDRINUSE', /^TLS_PORT: \[::1\]:443 is in use \(EADDRINUSE\)/],
  ['EACCES', /^TLS_PORT: this user may not listen on \[::1\]:443 \(EACCES\)/],
  ['EADDRNOTAVAIL', /^HOST: ::1 is no address of this machine/],
  ['EINVAL', /^HOST: cannot listen on \[::1\]:443 \(EINVAL\)/],
  ['ERR_BORINGSSL', /^TLS_CERT_FILE, TLS_KEY_FILE: cannot be used for \[::1\]:443: the message$/],
])('%s names the variable to change', (code, line) => {
  const failure = listenFailure(Object.assign(new Error('the\n message'), { code }), PLACE)
  expect(failure).toBeInstanceOf(SetupError)
  expect(String(failure)).toMatch(new RegExp(line.source.replace('^', '^SetupError: ')))
})

test('with port 0 no port can be in use: the address is at fault', () => {
  const error = Object.assign(new Error('listen'), { code: 'EADDRINUSE' })
  const place = { variable: 'PORT', host: 'nowhere.invalid', port: 0 } as const
  expect(String(listenFailure(error, place))).toMatch(
    /^SetupError: HOST: cannot listen on nowhere\.invalid:0/,
  )
})

test('an error without a code is unchanged', () => {
  const error = new TypeError('what?')
  expect(listenFailure(error, PLACE)).toBe(error)
})
