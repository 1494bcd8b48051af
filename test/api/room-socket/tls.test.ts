// TLS, as the documents 1 and 2 use it: https and wss with a certificate that nobody has signed.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Person, person } from '../support/contracts/people.ts'
import { enter, roomPath, say } from '../support/contracts/rooms.ts'
import { RoomFrameShape } from '../support/contracts/shapes.ts'
import { wscat } from '../support/contracts/wscat.ts'

let folder: string
let app: TestApp
let anna: Person

const selfSigned = () => ({ TLS_SELF_SIGNED: 'true', TLS_PORT: '0', DATA_DIR: folder })
const unchecked = { tls: { rejectUnauthorized: false } }

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-tls-'))
  app = await startApp(selfSigned())
  anna = await person(app)
})
afterAll(async () => {
  await app.close()
  rmSync(folder, { recursive: true })
})

describe('a self-signed certificate', () => {
  test('is valid for localhost, for years, and is not a certificate authority', async () => {
    const certificate = new X509Certificate(await certificateText())
    expect(certificate.checkHost('localhost')).toBe('localhost')
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(certificate.checkIP('::1')).toBe('::1')
    expect(certificate.ca).toBe(false)
    expect(Date.parse(certificate.validFrom)).toBeLessThanOrEqual(Date.now())
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 5 * 365 * 86_400_000)
  })

  test('has a key that other users cannot read', () => {
    expect(statSync(join(folder, 'tls/key.pem')).mode & 0o077).toBe(0)
  })

  test('is created once, and reused', async () => {
    const before = await certificateText()
    const again = await startApp(selfSigned())
    expect(await certificateText()).toBe(before)
    // Who trusts this certificate, and no other, is let in by both.
    for (const { tlsPort } of [app, again]) {
      const response = await fetch(`https://localhost:${tlsPort}/healthz`, { tls: { ca: before } })
      expect(response.status).toBe(200)
    }
    await again.close()
  })

  test('is not trusted by clients that verify it', async () => {
    expect(fetch(`https://localhost:${app.tlsPort}/healthz`)).rejects.toThrow(/self.signed/i)
  })

  test('is not created unless the setting asks for it', async () => {
    const plain = await startApp()
    expect(plain.tlsPort).toBeNull()
    await plain.close()
  })
})

describe('the TLS port', () => {
  test('serves the same as the plain port', async () => {
    const headers = { authorization: `Token ${anna.token}`, 'content-type': 'application/json' }
    const url = `https://localhost:${app.tlsPort}`
    const body = JSON.stringify({ message: 'over TLS' })
    const sent = await fetch(`${url}/chat/send/`, { method: 'POST', headers, body, ...unchecked })
    expect([sent.status, await sent.json()]).toEqual([200, { message: 'Message sent!' }])
    const history = await fetch(`${url}/chat/history/`, { headers, ...unchecked })
    expect(await history.json()).toEqual((await anna.call('GET', '/chat/history/')).json)
  })

  test('makes links with https', async () => {
    await person(app)
    const headers = { authorization: `Token ${anna.token}` }
    const url = `https://localhost:${app.tlsPort}/api/users/?limit=1`
    await person(app)
    const response = await fetch(url, { headers, ...unchecked })
    expect(response.headers.get('link')).toStartWith(
      `<https://localhost:${app.tlsPort}/api/users/?limit=1&after=`,
    )
  })

  test('has sockets, which share rooms with those of the plain port', async () => {
    const socket = new WebSocket(
      `wss://localhost:${app.tlsPort}${roomPath('lobby')}?token=${anna.token}`,
      unchecked,
    )
    const frames: string[] = []
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve))
    const heard = new Promise<void>((resolve, reject) => {
      socket.addEventListener('error', () => reject(new Error('the socket failed')))
      socket.addEventListener('message', ({ data }) => {
        frames.push(String(data))
        if (String(data).includes('from the other port')) resolve()
      })
    })
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    const other = await enter(anna, 'lobby')
    other.send({ message: 'from the other port' })
    await heard
    socket.send('{"message":"and back"}')
    const back = await other.nextWhere(RoomFrameShape, (frame) => frame.message === 'and back')
    expect(back.username).toBe(anna.username)
    socket.close()
    await Promise.all([closed, other.close()])
  })

  test('accepts nothing except TLS', async () => {
    expect(handshake(`ws://127.0.0.1:${app.tlsPort}/ws/chat/lobby/`)).rejects.toThrow('closed')
  })
})

describe('wscat', () => {
  const room = () => `wss://localhost:${app.tlsPort}/ws/chat/lobby/`

  test.each(['a token in the address', 'a header'])('talks with %s', async (how) => {
    const args =
      how === 'a header'
        ? ['-c', room(), '--no-check', '-H', `Authorization: Token ${anna.token}`]
        : ['-c', `${room()}?token=${anna.token}`, '--no-check']
    const client = wscat(...args)
    await client.shows('Connected')
    client.type('{"message": "Hello, World!"}')
    await client.shows('< {"message":"Hello, World!","message_type":"text"')
    await say(anna, 'lobby', `for ${how}`)
    await client.shows(`< {"message":"for ${how}"`)
    await client.interrupt()
    expect(client.output()).not.toContain('error')
  })

  test('is refused without a token, and shows the status', async () => {
    const client = wscat('-c', room(), '--no-check')
    await client.shows('error: Unexpected server response: 401')
    expect(await client.exited).not.toBe(0)
  })

  test('works without token and certificate if guests are allowed: the documented command as it is', async () => {
    const open = await startApp({
      DATA_DIR: folder,
      TLS_SELF_SIGNED: 'true',
      TLS_PORT: '0',
      ALLOW_GUESTS: 'true',
    })
    const client = wscat('-c', `wss://localhost:${open.tlsPort}/ws/chat/lobby/`, '--no-check')
    await client.shows('Connected')
    client.type('{"message": "Hello, World!"}')
    await client.shows('< {"message":"Hello, World!","message_type":"text","username":"guest-')
    await client.interrupt()
    await open.close()
  })

  test('refuses the certificate unless told not to verify it', async () => {
    const client = wscat('-c', `${room()}?token=${anna.token}`)
    await client.shows('self-signed certificate')
    expect(await client.exited).not.toBe(0)
  })
})

function certificateText(): Promise<string> {
  return Bun.file(join(folder, 'tls/cert.pem')).text()
}
