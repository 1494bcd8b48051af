import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { PASSWORD, register } from '../api/support/accounts-client.ts'
import { v1Client } from '../api/support/v1-client.ts'
import { TextFrame } from '../api/support/v1-shapes.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'

let folder: string
let databaseUrl: string
let app: TestApp

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-tls-'))
  databaseUrl = await createMigratedDatabase()
  app = await start()
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

describe('with TLS_SELF_SIGNED', () => {
  test('REST and sockets are served over TLS and the plain port, with the same rooms', async () => {
    const v1 = v1Client(app)
    const [room, user] = [await v1.room(), await v1.user()]
    expect((await over(`/api/v1/rooms/${room.id}`)).status).toBe(200)
    const plain = (await v1.join(room, user)).socket
    const secure = new WebSocket(`wss://127.0.0.1:${app.tlsPort}/api/v1/ws/${room.id}/${user.id}`, {
      tls: { rejectUnauthorized: false },
    })
    await new Promise((resolve, reject) => {
      secure.onmessage = resolve
      secure.onerror = reject
    })
    secure.send(JSON.stringify({ type: 'text', content: 'over TLS', user_id: user.id }))
    await plain.nextWhere(TextFrame, (frame) => frame.content === 'over TLS')
    secure.close()
    await plain.close()
  })

  test('the session cookie is Secure, and a page loaded over plain HTTP may not use it', async () => {
    const { username } = await register(app)
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ username, password: PASSWORD })
    const login = await over('/api/auth/login', { method: 'POST', headers, body })
    const setCookie = login.headers.get('set-cookie') ?? ''
    expect(setCookie).toContain('; Secure')
    const cookie = setCookie.split(';', 1)[0] ?? ''
    const ticket = (origin: string) =>
      over('/api/auth/ticket', { method: 'POST', headers: { cookie, origin } })
    expect((await ticket(`https://127.0.0.1:${app.tlsPort}`)).status).toBe(200)
    expect((await ticket(`http://127.0.0.1:${app.tlsPort}`)).status).toBe(403)
    expect((await ticket(app.url)).status).toBe(403)
  })

  test('the certificate is for this machine, its key is readable only by the owner, and it is reused', async () => {
    const before = await certificate()
    expect(before.subjectaltname).toContain('DNS:localhost')
    expect(before.subjectaltname).toContain('127.0.0.1')
    expect((await stat(join(folder, 'tls', 'key.pem'))).mode & 0o077).toBe(0)
    await app.close()
    app = await start()
    expect((await certificate()).fingerprint256).toBe(before.fingerprint256)
  })

  test('the certificate in TLS_CERT_FILE is used', async () => {
    const own = await startApp({
      DATABASE_URL: databaseUrl,
      TLS_PORT: '0',
      TLS_CERT_FILE: join(folder, 'tls', 'cert.pem'),
      TLS_KEY_FILE: join(folder, 'tls', 'key.pem'),
    })
    const answer = await fetch(`https://127.0.0.1:${own.tlsPort}/healthz`, {
      tls: { rejectUnauthorized: false },
    })
    expect(answer.status).toBe(200)
    await own.close()
  })
})

test('without a certificate there is no TLS port', async () => {
  const plain = await startApp({ DATABASE_URL: databaseUrl })
  expect(plain.tlsPort).toBeNull()
  await plain.close()
})

test('a file that cannot be read stops the start, in one line', async () => {
  const start = startApp({
    DATABASE_URL: databaseUrl,
    TLS_CERT_FILE: join(folder, 'nowhere.pem'),
    TLS_KEY_FILE: join(folder, 'nowhere.pem'),
  })
  const error: unknown = await start.catch((reason: unknown) => reason)
  expect(String(error)).toMatch(/^\w+: TLS_CERT_FILE: .*nowhere\.pem.*$/)
})

function start(): Promise<TestApp> {
  return startApp({ TLS_SELF_SIGNED: 'true', TLS_PORT: '0', DATA_DIR: folder, DATABASE_URL: databaseUrl })
}

function over(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  return fetch(`https://127.0.0.1:${app.tlsPort}${path}`, { ...options, tls: { rejectUnauthorized: false } })
}

async function certificate() {
  const socket = connect({ host: '127.0.0.1', port: app.tlsPort ?? 0, rejectUnauthorized: false })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve)
      socket.once('error', reject)
    })
    return socket.getPeerCertificate()
  } finally {
    socket.destroy()
  }
}
