// The worst that an upload can be, and what it costs others.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { ask } from '../../support/rest.ts'
import { upload, uploaded } from '../support/files.ts'
import { makeRoom, type Person, person } from '../support/people.ts'
import { expectProblem } from './support/client.ts'

const IDLE_MS = 1000

let folder: string
let app: TestApp
let owner: Person
let room: RoomId

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-hostile-'))
  app = await startApp({
    ATTACHMENTS_DIR: folder,
    MAX_IMAGE_PIXELS: '16000000',
    BODY_DEADLINE_MS: String(IDLE_MS),
  })
  owner = await person(app, 'owner')
  room = await makeRoom(app, owner)
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

const temporary = () => readdir(join(folder, 'tmp')).catch(() => [])

/** The longest that /healthz takes while something is under way, in milliseconds. */
async function healthDuring(work: Promise<unknown>): Promise<number> {
  let isDone = false
  let longest = 0
  const end = work.finally(() => {
    isDone = true
  })
  while (!isDone) {
    const start = performance.now()
    await (await fetch(`${app.url}/healthz`)).text()
    longest = Math.max(longest, performance.now() - start)
    await Bun.sleep(20)
  }
  await end
  return longest
}

test('an image that is small as a file and large in memory, and an animation of a thousand pictures, hold up nobody', async () => {
  const bomb = png(4000, 4000)
  expect(bomb.length).toBeLessThan(100_000)
  const work = Promise.all([uploaded(app, owner, room, bomb), uploaded(app, owner, room, gif(1000))])
  expect(await healthDuring(work)).toBeLessThan(150)
  const [large, animated] = await work
  expect(large).toMatchObject({ type: 'image/png', width: 4000, height: 4000 })
  expect(animated).toMatchObject({ type: 'image/gif', width: 2, height: 2 })
  expectProblem(await upload(app, owner, room, png(4001, 4000)), 400, 'invalid', { field: 'file' })
  expect(await temporary()).toEqual([])
})

test('uploads that are slow, stop, or end early take four places of a user and no more, and end by themselves', async () => {
  const others = await Promise.all(Array.from({ length: 3 }, () => person(app)))
  const rooms = await Promise.all(others.map((other) => makeRoom(app, other)))
  // A file is announced, begun, and never finished.
  const stopped = others.flatMap((other, n) =>
    Array.from({ length: 4 }, () => begin(other, rooms[n] ?? room)),
  )
  await until(async () => (await temporary()).length === 12, 'the uploads to begin')
  const [first] = others
  if (first === undefined) throw new Error('there is nobody')
  expectProblem(await upload(app, first, rooms[0] ?? room, 'x'), 429, 'rate_limited')
  // Others are not held up.
  expect((await uploaded(app, owner, room, 'x')).size).toBe(1)
  expect(await healthDuring(Promise.all(stopped))).toBeLessThan(150)
  for (const answer of await Promise.all(stopped)) {
    expect(answer).toStartWith('HTTP/1.1 400')
    expect(answer).toContain(`file: stopped for more than ${IDLE_MS} ms`)
  }
  expect(await temporary()).toEqual([])
  // Their places are free again.
  expect((await uploaded(app, first, rooms[0] ?? room, 'x')).size).toBe(1)
})

test('a form with two files is refused, and leaves nothing', async () => {
  for (const content of ['x', 'long '.repeat(100_000)]) {
    const form = new FormData()
    for (const name of ['a', 'b']) form.append('file', new Blob([content]), name)
    const url = `${app.url}/api/v2/rooms/${room}/attachments`
    const answer = await ask('POST', url, { body: form, token: owner.token })
    expectProblem(answer, 400, 'invalid', { field: 'file' })
  }
  expect(await temporary()).toEqual([])
})

test('an upload whose client goes away leaves nothing', async () => {
  const gone = begin(owner, room, true)
  await until(async () => (await temporary()).length === 1, 'the upload to begin')
  await gone
  await until(async () => (await temporary()).length === 0, 'the file to go')
  expect((await uploaded(app, owner, room, 'x')).size).toBe(1)
})

test('none of this was logged as a fault of the server', () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

/** Begins an upload that never ends. @param leaves whether the client goes away @returns what it is answered */
async function begin({ token }: Person, to: number, leaves = false): Promise<string> {
  const answered = Promise.withResolvers<string>()
  let text = ''
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: Number(new URL(app.url).port),
    socket: {
      data(_, bytes) {
        text += bytes.toString()
        if (text.includes('}')) answered.resolve(text)
      },
      close: () => answered.resolve(text),
    },
  })
  const head = `POST /api/v2/rooms/${to}/attachments HTTP/1.1\r\nHost: a\r\nAuthorization: Token ${token}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000\r\n\r\n`
  socket.write(`${head}--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbegun`)
  if (leaves) {
    await Bun.sleep(100)
    socket.terminate()
  }
  const answer = await answered.promise
  socket.end()
  return answer
}

/** A black picture: a few kilobytes, of any size. */
function png(width: number, height: number): Uint8Array<ArrayBuffer> {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 0, 0, 0, 0], 8)
  const pixels = deflateSync(Buffer.alloc((width + 1) * height))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const parts = [signature, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]
  return new Uint8Array(Buffer.concat(parts))
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(Bun.hash.crc32(body))
  return Buffer.concat([length, body, check])
}

/** An animation of pictures of two by two pixels. */
function gif(pictures: number): Uint8Array<ArrayBuffer> {
  const head = [...Buffer.from('GIF89a'), 2, 0, 2, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]
  const picture = [0x2c, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 3, 0x44, 0x34, 0x05, 0]
  return new Uint8Array([...head, ...Array.from({ length: pictures }, () => picture).flat(), 0x3b])
}
