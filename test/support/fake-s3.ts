import { createHash, createHmac } from 'node:crypto'

export interface FakeS3 {
  readonly settings: {
    readonly bucket: string
    readonly endpoint: string
    readonly region: string
    readonly accessKeyId: string
    readonly secretAccessKey: string
  }
  /** The names of its objects. */
  names(): string[]
  /** While it is away, every request is answered with 503. */
  away: boolean
  stop(): Promise<void>
}

interface StoredObject {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly at: Date
}

const SECRET = 'the-secret'

/**
 * A server that speaks as much of S3 as Parley uses, and refuses what is not signed as S3 asks for it (Signature Version 4), in headers
 * or in the address.
 */
export function startFakeS3(): FakeS3 {
  const objects = new Map<string, StoredObject>()
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      if (fake.away) return new Response(null, { status: 503 })
      const url = new URL(request.url)
      if (!isSigned(request, url)) return refusal(403, 'SignatureDoesNotMatch')
      const [, bucket, ...parts] = decodeURIComponent(url.pathname).split('/')
      if (bucket !== 'files') return refusal(404, 'NoSuchBucket')
      const name = parts.join('/')
      if (name === '') return listed(objects, url.searchParams)
      if (request.method === 'PUT') {
        const type = request.headers.get('content-type') ?? 'application/octet-stream'
        objects.set(name, { bytes: new Uint8Array(await request.arrayBuffer()), type, at: new Date() })
        return new Response(null, { headers: { etag: '"x"' } })
      }
      if (request.method === 'DELETE') {
        objects.delete(name)
        return new Response(null, { status: 204 })
      }
      return found(objects.get(name), url.searchParams, request.method)
    },
  })
  const fake: FakeS3 = {
    settings: {
      bucket: 'files',
      endpoint: `http://127.0.0.1:${server.port}`,
      region: 'eu-test-1',
      accessKeyId: 'key-id',
      secretAccessKey: SECRET,
    },
    names: () => [...objects.keys()].sort(),
    away: false,
    stop: () => server.stop(true),
  }
  return fake
}

function found(object: StoredObject | undefined, query: URLSearchParams, method: string): Response {
  if (object === undefined) return refusal(404, 'NoSuchKey')
  const headers = {
    'content-type': query.get('response-content-type') ?? object.type,
    'content-disposition': query.get('response-content-disposition') ?? '',
    'content-length': String(object.bytes.length),
    'last-modified': object.at.toUTCString(),
    etag: '"x"',
  }
  return new Response(method === 'HEAD' ? null : object.bytes, { headers })
}

function listed(objects: ReadonlyMap<string, StoredObject>, query: URLSearchParams): Response {
  const [prefix, after] = [query.get('prefix') ?? '', query.get('start-after') ?? '']
  const most = Number(query.get('max-keys') ?? 1000)
  const all = [...objects].filter(([name]) => name.startsWith(prefix) && name > after).sort()
  const contents = all
    .slice(0, most)
    .map(
      ([name, { at, bytes }]) =>
        `<Contents><Key>${name}</Key><LastModified>${at.toISOString()}</LastModified><Size>${bytes.length}</Size></Contents>`,
    )
  return new Response(
    `<?xml version="1.0"?><ListBucketResult><Name>files</Name><IsTruncated>${all.length > most}</IsTruncated>${contents.join('')}</ListBucketResult>`,
    { headers: { 'content-type': 'application/xml' } },
  )
}

function refusal(status: number, code: string): Response {
  return new Response(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`, { status })
}

function isSigned({ headers, method }: Request, url: URL): boolean {
  const inHeader = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
    headers.get('authorization') ?? '',
  )
  const query = url.searchParams
  const [credential, signed, signature] = inHeader?.slice(1) ?? [
    query.get('X-Amz-Credential'),
    query.get('X-Amz-SignedHeaders'),
    query.get('X-Amz-Signature'),
  ]
  const date = headers.get('x-amz-date') ?? query.get('X-Amz-Date') ?? ''
  if (!credential || !signed || !signature || hasExpired(date, query.get('X-Amz-Expires'))) return false
  const canonical = [
    method,
    url.pathname,
    url.search
      .slice(1)
      .split('&')
      .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
      .sort()
      .join('&'),
    ...signed.split(';').map((name) => `${name}:${(headers.get(name) ?? '').trim()}`),
    '',
    signed,
    headers.get('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD',
  ].join('\n')
  const [, ...scope] = credential.split('/')
  const hash = createHash('sha256').update(canonical).digest('hex')
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), hash].join('\n')
  let key: Buffer = Buffer.from(`AWS4${SECRET}`)
  for (const part of scope) key = createHmac('sha256', key).update(part).digest()
  return createHmac('sha256', key).update(text).digest('hex') === signature
}

/** @param date as `20260213T100000Z`; @param seconds null for a request that is signed in its headers */
function hasExpired(date: string, seconds: string | null): boolean {
  if (seconds === null) return false
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  return Date.parse(iso) + Number(seconds) * 1000 < Date.now()
}
