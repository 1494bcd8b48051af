import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LinkedAttachment, LinkedAttachments } from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { picture } from '../../../support/images.ts'
import { upload, uploaded } from '../support/files.ts'
import { makeRoom, type Person, person } from '../support/people.ts'
import { call, expectProblem, get } from './support/client.ts'

const MAX = 100_000

let folder: string
let app: TestApp
let owner: Person
let member: Person
let outsider: Person
let room: RoomId

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-files-'))
  app = await startApp({
    ATTACHMENTS_DIR: folder,
    MAX_ATTACHMENT_SIZE: String(MAX),
    MAX_IMAGE_PIXELS: '1000000',
    BODY_DEADLINE_MS: '1000',
  })
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  outsider = await person(app, 'outsider')
})
beforeEach(async () => {
  room = await makeRoom(app, owner, [member])
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

const temporary = () => readdir(join(folder, 'tmp')).catch(() => [])

describe('uploading', () => {
  test('tells what the file is, by its content, and gives back its bytes', async () => {
    const words = 'a plan\n'.repeat(1000)
    const made = await uploaded(app, owner, room, words, 'plan.png')
    expect(made).toMatchObject({
      name: 'plan.png',
      type: 'text/plain',
      size: 7000,
      width: null,
      placeholder: null,
    })
    expect(made.thumbnail_url).toBeNull()
    const file = await fetch(made.url)
    expect([file.status, await file.text()]).toEqual([200, words])
    expect(file.headers.get('content-type')).toBe('text/plain')
    expect(file.headers.get('content-disposition')).toStartWith('attachment; filename="plan.png"')
    expect(await temporary()).toEqual([])
  })

  test('makes a thumbnail and a placeholder of an image', async () => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const made = await uploaded(app, owner, room, await picture(900, 300, format), 'Bild ä.png')
      expect(made).toMatchObject({ name: 'Bild ä.png', type: `image/${format}`, width: 900, height: 300 })
      expect(made.placeholder).toStartWith('data:image/webp;base64,')
      const small = await fetch(made.thumbnail_url ?? '')
      expect(small.headers.get('content-type')).toBe('image/webp')
      expect(small.headers.get('content-disposition')).toBe(
        `inline; filename="Bild _.png"; filename*=UTF-8''Bild%20%C3%A4.png`,
      )
      expect(await new Bun.Image(await small.arrayBuffer()).metadata()).toMatchObject({
        width: 512,
        height: 171,
      })
    }
    expect(await temporary()).toEqual([])
  })

  test('is for those who may send to the room, and asks before the body is read', async () => {
    expectProblem(await upload(app, null, room, 'x'), 401, 'unauthenticated')
    expectProblem(await upload(app, outsider, room, 'x'), 404, 'not_found')
    expectProblem(await upload(app, outsider, 999_999_999, 'x'), 404, 'not_found')
    const open = await makeRoom(app, owner, [], 'public')
    expectProblem(await upload(app, outsider, open, 'x'), 403, 'forbidden')
    const length = { 'content-length': '20000000' }
    expectProblem(await unfinished(outsider.token, room, length), 404, 'not_found')
    expectProblem(await unfinished(owner.token, room, length), 413, 'too_large')
    expect(await temporary()).toEqual([])
  })
})

describe('what is refused', () => {
  test('too many bytes, whatever the client says of them', async () => {
    expectProblem(await upload(app, owner, room, new Uint8Array(MAX + 1)), 413, 'too_large')
    const form = formOf(new Uint8Array(MAX * 3))
    const body = new Response(form.text).body ?? undefined
    const answer = await fetch(`${app.url}/api/v2/rooms/${room}/attachments`, {
      method: 'POST',
      headers: { authorization: `Token ${owner.token}`, 'content-type': form.type },
      ...(body === undefined ? {} : { body }),
    })
    expect(answer.status).toBe(413)
    expect((await uploaded(app, owner, room, new Uint8Array(MAX))).size).toBe(MAX)
    expect(await temporary()).toEqual([])
  })

  test.each([
    ['no form', 'application/json', '{}', 415],
    ['a form without a boundary', 'multipart/form-data', 'x', 415],
    ['a form without a file', 'multipart/form-data; boundary=b', '--b\r\n\r\n\r\n--b--\r\n', 400],
    [
      'a file in another field',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\nx\r\n--b--\r\n',
      400,
    ],
    [
      'an empty file',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n\r\n--b--\r\n',
      400,
    ],
    [
      'a form that is cut off',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nxyz',
      400,
    ],
    ['an empty body', 'multipart/form-data; boundary=b', '', 400],
  ])('%s', async (_, type, body, status) => {
    const answer = await fetch(`${app.url}/api/v2/rooms/${room}/attachments`, {
      method: 'POST',
      headers: { authorization: `Token ${owner.token}`, 'content-type': type },
      body,
    })
    expect([answer.status, await answer.text()]).toEqual([status, expect.anything()])
    expect(await temporary()).toEqual([])
  })

  test('an image of too many pixels, by its header, and a damaged one', async () => {
    const png = await picture(64, 64)
    const view = new DataView(png.buffer, png.byteOffset)
    const huge = png.slice()
    new DataView(huge.buffer).setUint32(16, 50_000)
    new DataView(huge.buffer).setUint32(20, 50_000)
    new DataView(huge.buffer).setUint32(29, Bun.hash.crc32(huge.subarray(12, 29)))
    expect(view.getUint32(16)).toBe(64)
    const refused = expectProblem(await upload(app, owner, room, huge), 400, 'invalid', { field: 'file' })
    expect(refused.detail).toBe('file: is an image of more than 1000000 pixels')
    const cut = expectProblem(await upload(app, owner, room, png.slice(0, 60)), 400, 'invalid')
    expect(cut.detail).toBe('file: is a damaged image')
    expect(await temporary()).toEqual([])
  })
})

describe('a name', () => {
  test.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\me\\photo.jpg', 'photo.jpg'],
    ['..', 'file'],
    ['.htaccess', 'htaccess'],
    ['a\u202egpj.exe', 'agpj.exe'],
    ['new\r\nSet-Cookie: a=b.txt', 'newSet-Cookie a=b.txt'],
    [`${'é'.repeat(300)}.tar.gz`, `${'é'.repeat(124)}.gz`],
  ])('%j is kept as %j', async (given, kept) => {
    const made = await uploaded(app, owner, room, 'x', given)
    expect(made.name.length).toBeLessThanOrEqual(255)
    if (kept.length < 100) expect(made.name).toBe(kept)
    else expect(made.name).toEndWith('.gz')
    const { headers, status } = await fetch(made.url)
    expect([status, headers.get('set-cookie')]).toEqual([200, null])
  })
})

describe('URLs', () => {
  test('are told to whoever may see the attachment, and only they', async () => {
    const { id } = await uploaded(app, owner, room, 'x')
    const path = `/rooms/${room}/attachments`
    expect(await get(app, owner, `${path}/${id}`, LinkedAttachment)).toMatchObject({ id })
    expect(await get(app, owner, `${path}?ids=${id},999999`, LinkedAttachments)).toMatchObject({
      items: [{ id }],
    })
    // No message has it, so it is its uploader's alone.
    expectProblem(await call(app, member, 'GET', `${path}/${id}`), 404, 'not_found')
    expect(await get(app, member, `${path}?ids=${id}`, LinkedAttachments)).toEqual({ items: [] })
    expectProblem(await call(app, outsider, 'GET', `${path}?ids=${id}`), 404, 'not_found')
    const other = await makeRoom(app, owner)
    expectProblem(await call(app, owner, 'GET', `/rooms/${other}/attachments/${id}`), 404, 'not_found')
    for (const ids of ['', 'x', '1,,2', '0', '1,-1', Array.from({ length: 101 }, (_, i) => i + 1).join()])
      expectProblem(await call(app, owner, 'GET', `${path}?ids=${ids}`), 400, 'invalid', { field: 'ids' })
    const went = await call(app, owner, 'GET', `${path}/${id}/file`)
    expect(went.status).toBe(302)
    expect(await (await fetch(went.headers.get('location') ?? '')).text()).toBe('x')
  })

  test('do not count once any part of them is changed', async () => {
    const { url } = await uploaded(app, owner, room, 'x', 'a.txt')
    for (const [name, value] of [
      ['key', 'b'.repeat(40)],
      ['name', 'a.html'],
      ['type', 'text/html'],
      ['user', '999999'],
      ['expires', '99999999999'],
      ['seal', 'x'],
    ] as const) {
      const changed = new URL(url)
      changed.searchParams.set(name, value)
      expect((await fetch(changed)).status).toBe(403)
    }
    for (const path of [url.replace('/original?', '/thumbnail?'), url.replace(/files\/\d+/, 'files/1')])
      if (path !== url) expect((await fetch(path)).status).toBe(403)
    expect((await fetch(url.split('?')[0] ?? '')).status).toBe(400)
  })

  test('serve parts, and nothing to those who have it', async () => {
    const { url } = await uploaded(app, owner, room, '0123456789')
    const ranged = async (range: string, more = {}) => {
      const { status, headers } = await fetch(url, { headers: { range, ...more } })
      return [status, headers.get('content-range')]
    }
    const part = await fetch(url, { headers: { range: 'bytes=2-4' } })
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      206,
      '234',
      'bytes 2-4/10',
    ])
    expect(await (await fetch(url, { headers: { range: 'bytes=-3' } })).text()).toBe('789')
    expect(await ranged('bytes=7-')).toEqual([206, 'bytes 7-9/10'])
    expect(await ranged('bytes=7-900')).toEqual([206, 'bytes 7-9/10'])
    expect(await ranged('bytes=0-99999999999999999999')).toEqual([206, 'bytes 0-9/10'])
    expect(await ranged('bytes=-99999999999999999999')).toEqual([206, 'bytes 0-9/10'])
    expect(await ranged('bytes=99999999999999999999-')).toEqual([416, 'bytes */10'])
    expect(await ranged('bytes=10-')).toEqual([416, 'bytes */10'])
    for (const whole of ['bytes=4-2', 'bytes=0-1,3-4', 'bytes=-', 'lines=1-2', 'bytes=a-b'])
      expect(await ranged(whole)).toEqual([200, null])
    const etag = part.headers.get('etag') ?? ''
    expect(await ranged('bytes=2-4', { 'if-range': etag })).toEqual([206, 'bytes 2-4/10'])
    expect(await ranged('bytes=2-4', { 'if-range': '"other"' })).toEqual([200, null])
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  test('serve nothing that a browser would run', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    const html = '<!doctype html><script>alert(1)</script>'
    const jpeg = await picture(8, 8, 'jpeg')
    const both = new Uint8Array([...jpeg, ...new TextEncoder().encode(html)])
    for (const [content, name, inline] of [
      [svg, 'a.svg', false],
      [html, 'a.html', false],
      [html, 'a.png', false],
      [both, 'a.html', true],
      ['%PDF-1.7\n', 'a.pdf', false],
    ] as const) {
      const { url } = await uploaded(app, owner, room, content, name)
      const { headers } = await fetch(url)
      expect(headers.get('content-type')).not.toContain('html')
      expect(headers.get('content-type')).not.toContain('svg')
      expect(headers.get('content-disposition')).toStartWith(inline ? 'inline' : 'attachment')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
      expect(headers.get('cache-control')).toStartWith('private, max-age=')
    }
  })
})

/** A form with a file, as text and type. */
function formOf(content: Uint8Array): { text: Blob; type: string } {
  const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
  return {
    text: new Blob([head, new Uint8Array(content), '\r\n--b--\r\n']),
    type: 'multipart/form-data; boundary=b',
  }
}

/** Sends the head of a request and no body, and returns the answer. */
async function unfinished(token: string, to: number, headers: Record<string, string>) {
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: Number(new URL(app.url).port),
    socket: {
      data: (_, bytes) => {
        text += bytes.toString()
        if (text.includes('}')) resolve(text)
      },
      close: () => resolve(text),
    },
  })
  const lines = Object.entries({
    host: 'a',
    authorization: `Token ${token}`,
    'content-type': 'multipart/form-data; boundary=b',
    ...headers,
  })
  socket.write(
    `POST /api/v2/rooms/${to}/attachments HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  )
  const answer = await promise
  socket.end()
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
  return {
    status: Number(answer.split(' ')[1]),
    headers: new Headers({ 'content-type': /content-type: ([^\r]*)/i.exec(answer)?.[1] ?? '' }),
    text: body,
    json: JSON.parse(body),
  }
}
