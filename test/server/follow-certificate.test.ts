import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { generate } from 'selfsigned'
import {
  type Certificate,
  type FollowedCertificate,
  followCertificate,
  loadCertificate,
} from '../../src/server/index.ts'
import { v1Client } from '../api/support/v1-client.ts'
import { TextFrame } from '../api/support/v1-shapes.ts'
import { loggerTo } from '../support/log-lines.ts'
import { type ParleyProcess, startParley } from '../support/parley-process.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'

let folder: string
let certFile: string
let keyFile: string
let pairs: readonly Certificate[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-certificate-'))
  certFile = join(folder, 'cert.pem')
  keyFile = join(folder, 'key.pem')
  pairs = await Promise.all(['one', 'two', 'three'].map(makePair))
})
afterAll(() => rm(folder, { recursive: true }))

describe('the files of a certificate', () => {
  let shown: Certificate[]
  let followed: FollowedCertificate
  let lines: readonly string[]

  beforeEach(() => {
    write(pair(0))
    const logger = loggerTo('info')
    lines = logger.lines
    shown = []
    followed = followCertificate({
      shown: pair(0),
      read: () => loadCertificate({ certFile, keyFile, selfSigned: false }, folder),
      renew: (certificate) => void shown.push(certificate),
      log: logger.log,
      everyMs: 10,
    })
  })

  test('are read again by themselves when they change, and told once', async () => {
    write(pair(1))
    await until(() => lines.length > 0, 'the change to be found')
    write(pair(0))
    await until(() => lines.length > 1, 'the next change to be found')
    followed.stop()
    expect(shown).toEqual([pair(1), pair(0)])
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(
      Array.from({ length: 2 }, () => 'a new certificate is used (TLS_CERT_FILE)'),
    )
  })

  test('change nothing if they cannot be used, which is told once with the reason', async () => {
    writeFileSync(keyFile, pair(1).key)
    await until(() => lines.length > 0, 'the wrong key to be told')
    writeFileSync(certFile, 'nothing')
    await until(() => lines.length > 1, 'the wrong certificate to be told')
    write(pair(2))
    await until(() => shown.length > 0, 'the right pair to be found')
    followed.stop()
    expect(shown).toEqual([pair(2)])
    expect(lines.slice(0, 2).map((line) => JSON.parse(line).reason)).toEqual([
      `TLS_KEY_FILE: the key in ${keyFile} does not belong to the certificate in ${certFile} (TLS_CERT_FILE)`,
      `TLS_CERT_FILE: the file ${certFile} contains no certificate in PEM`,
    ])
  })

  test('are told at once to the operator who asks', async () => {
    followed.stop()
    await followed.look()
    writeFileSync(certFile, 'nothing')
    await followed.look()
    write(pair(1))
    await followed.look()
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'the certificate has not changed (TLS_CERT_FILE)',
      'the new certificate cannot be used: the old one stays in use',
      'a new certificate is used (TLS_CERT_FILE)',
    ])
  })
})

test('SIGHUP shows the new certificate to new connections; open sockets stay, and hear those of the new one', async () => {
  write(pair(0))
  const parley = await startParley({
    DATABASE_URL: await createMigratedDatabase(),
    TLS_PORT: '0',
    TLS_CERT_FILE: certFile,
    TLS_KEY_FILE: keyFile,
  })
  const port = tlsPortOf(parley)
  expect(await nameShown(port)).toBe('one')
  const v1 = v1Client(parley)
  const [room, user] = [await v1.room(), await v1.user()]
  const before = await secureSocket(port, `${room.id}/${user.id}`)

  writeFileSync(certFile, 'nothing')
  await hangUp(parley, 'the new certificate cannot be used')
  expect(await nameShown(port)).toBe('one')
  for (const [n, name] of [
    [1, 'two'],
    [2, 'three'],
  ] as const) {
    write(pair(n))
    await hangUp(parley, `"valid_to"`, n)
    expect(await nameShown(port)).toBe(name)
  }
  const after = await secureSocket(port, `${room.id}/${user.id}`)
  const plain = (await v1.join(room, user)).socket
  for (const [n, socket] of [before, after].entries()) {
    socket.send(JSON.stringify({ type: 'text', content: `said ${n}`, user_id: user.id }))
    await plain.nextWhere(TextFrame, ({ content }) => content === `said ${n}`)
    await until(
      () => [before, after].every(({ heard }) => heard.some((text) => text.includes(`said ${n}`))),
      'both to hear it',
    )
  }
  await plain.close()
  await parley.remove()
})

async function hangUp(parley: ParleyProcess, text: string, times = 1): Promise<void> {
  process.kill(parley.pid, 'SIGHUP')
  await until(() => parley.output().split(text).length > times, 'the log to say what came of it')
}

async function secureSocket(port: number, path: string) {
  const socket = new WebSocket(`wss://127.0.0.1:${port}/api/v1/ws/${path}`, {
    tls: { rejectUnauthorized: false },
  })
  const heard: string[] = []
  socket.onmessage = ({ data }) => void heard.push(String(data))
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve()
    socket.onerror = () => reject(new Error('the socket failed'))
  })
  return { heard, send: (text: string) => socket.send(text) }
}

function nameShown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

function tlsPortOf(parley: ParleyProcess): number {
  return Number(/"tlsPort":(\d+)/.exec(parley.output())?.[1])
}

async function makePair(name: string): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: name }], { keyType: 'ec' })
  return { cert: made.cert, key: made.private }
}

function pair(n: number): Certificate {
  const found = pairs[n]
  if (found === undefined) throw new Error(`there is no pair ${n}`)
  return found
}

function write({ cert, key }: Certificate): void {
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)
}
