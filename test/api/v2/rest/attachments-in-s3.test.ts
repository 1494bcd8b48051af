import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LinkedAttachment, Message, UploadPlace } from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { startFakeS3 } from '../../../support/fake-s3.ts'
import { picture } from '../../../support/images.ts'
import { until } from '../../../support/until.ts'
import { upload, uploaded } from '../support/files.ts'
import { makeRoom, type Person, person } from '../support/people.ts'
import { bodyOf, call, expectProblem } from './support/client.ts'

const s3 = startFakeS3()
let folder: string
let app: TestApp
let owner: Person
let member: Person
let room: RoomId

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-s3-'))
  const { bucket, endpoint, region, accessKeyId, secretAccessKey } = s3.settings
  app = await startApp({
    ATTACHMENTS_DIR: folder,
    ATTACHMENTS_S3_BUCKET: bucket,
    ATTACHMENTS_S3_ENDPOINT: endpoint,
    ATTACHMENTS_S3_REGION: region,
    ATTACHMENTS_S3_ACCESS_KEY_ID: accessKeyId,
    ATTACHMENTS_S3_SECRET_ACCESS_KEY: secretAccessKey,
    MAX_ATTACHMENT_SIZE: '10000',
  })
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  room = await makeRoom(app, owner, [member])
})
afterAll(async () => {
  await app.close()
  await s3.stop()
  await rm(folder, { recursive: true })
})

const place = (who: Person, json: object) => call(app, who, 'POST', `/rooms/${room}/uploads`, json)
const complete = (who: Person, upload: string) =>
  call(app, who, 'POST', `/rooms/${room}/uploads/complete`, { upload })

test('a file goes through the server into the bucket, and from there to its readers', async () => {
  const image = await uploaded(app, owner, room, await picture(20, 10), 'a b.png')
  for (const url of [image.url, image.thumbnail_url ?? '']) {
    const redirect = await fetch(url, { redirect: 'manual' })
    expect([redirect.status, redirect.headers.get('location')]).toEqual([
      302,
      expect.stringContaining(s3.settings.endpoint),
    ])
    const file = await fetch(url)
    expect(file.headers.get('content-disposition')).toStartWith('inline; filename="a b.png"')
    expect(await new Bun.Image(await file.arrayBuffer()).metadata()).toMatchObject({ width: 20, height: 10 })
  }
  expect(await readdir(join(folder, 'tmp'))).toEqual([])
  const { seq } = bodyOf(
    await call(app, owner, 'POST', `/rooms/${room}/messages`, { body: '', attachments: [image.id] }),
    201,
    Message,
  )
  await call(app, owner, 'DELETE', `/rooms/${room}/messages/${seq}`)
  await until(() => s3.names().length === 0, 'the removal of the objects')
})

test('a client uploads past the server, which looks into the file before anyone sees it', async () => {
  const png = await picture(30, 20)
  const { upload: ticket, url } = bodyOf(
    await place(owner, { name: 'a.txt', size: png.length }),
    201,
    UploadPlace,
  )
  expectProblem(await complete(owner, ticket), 409, 'conflict')
  expect((await fetch(url, { method: 'PUT', body: png })).status).toBe(200)
  // It is its uploader's, in this room, as it was told.
  expectProblem(await complete(member, ticket), 400, 'invalid', { field: 'upload' })
  for (const wrong of ['', 'x', `${ticket}x`, ticket.replace('upload', 'Upload')])
    expectProblem(await complete(owner, wrong), 400, 'invalid', { field: 'upload' })
  const made = bodyOf(await complete(owner, ticket), 201, LinkedAttachment)
  expect(made).toMatchObject({ name: 'a.txt', type: 'image/png', size: png.length, width: 30, height: 20 })
  expectProblem(await complete(owner, ticket), 409, 'conflict')
  // What is uploaded afterwards changes nothing.
  await fetch(url, { method: 'PUT', body: '<script>' })
  expect((await (await fetch(made.url)).arrayBuffer()).byteLength).toBe(png.length)
})

test('what was uploaded past the server is held to what was declared and to the limits', async () => {
  expectProblem(await place(owner, { name: 'a', size: 10_001 }), 413, 'too_large')
  const { upload: ticket, url } = bodyOf(await place(owner, { name: 'a', size: 5 }), 201, UploadPlace)
  await fetch(url, { method: 'PUT', body: '123456' })
  expectProblem(await complete(owner, ticket), 413, 'too_large')
  const outsider = await person(app, 'outsider')
  expectProblem(await place(outsider, { name: 'a', size: 5 }), 404, 'not_found')
})

test('while the bucket is away, uploads fail as unavailable and leave nothing, and messages go on', async () => {
  s3.away = true
  try {
    expectProblem(await upload(app, owner, room, 'x'), 503, 'unavailable')
    const { status } = await call(app, owner, 'POST', `/rooms/${room}/messages`, { body: 'words' })
    expect(status).toBe(201)
  } finally {
    s3.away = false
  }
  expect(await readdir(join(folder, 'tmp'))).toEqual([])
  expect((await uploaded(app, owner, room, 'x')).size).toBe(1)
})
