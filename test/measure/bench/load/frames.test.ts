import { describe, expect, test } from 'bun:test'
import { FrameReader } from './frames.ts'
import { openRawClient } from './raw-client.ts'
import { openStandardClient } from './standard-client.ts'

const short = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(300), 'the last']
const long = ['e', 'f'.repeat(65_535), 'g'.repeat(65_536), 'the last']

describe('the frame reader', () => {
  // What has come of a frame is copied with every piece: long ones come in large pieces, as from a socket.
  test.each([
    [1, short],
    [2, short],
    [3, short],
    [7, short],
    [1000, long],
    [1_000_000, long],
  ] as const)('finds every frame in pieces of %d bytes', (size, texts) => {
    const stream = Buffer.concat(texts.map(serverFrame))
    const found: string[] = []
    const reader = new FrameReader(
      (bytes, start, end) => found.push(asText(bytes.subarray(start, end))),
      () => undefined,
    )
    for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size))
    expect(found).toEqual([...texts])
  })

  test('reports pings between frames', () => {
    const found: string[] = []
    const reader = new FrameReader(
      (bytes, start, end) => found.push(asText(bytes.subarray(start, end))),
      () => found.push('(ping)'),
    )
    reader.push(Buffer.concat([serverFrame('before'), Uint8Array.of(0x89, 0), serverFrame('after')]))
    expect(found).toEqual(['before', '(ping)', 'after'])
  })

  test('refuses anything but a complete text frame', () => {
    const close = Uint8Array.of(0x88, 2, 3, 232)
    const reader = new FrameReader(
      () => undefined,
      () => undefined,
    )
    expect(() => reader.push(close)).toThrow('an unexpected frame: 880203e8')
  })
})

const sends = ['', 'short', 'long'.repeat(100)].flatMap(
  (text) =>
    [
      [text, openRawClient],
      [text, openStandardClient],
    ] as const,
)

test.each(sends)('a server understands the frame of "%s"', async (text, open) => {
  const received = Promise.withResolvers<string | Buffer>()
  using server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null, { status: 400 })),
    websocket: { message: (_, frame) => received.resolve(frame) },
  })
  const outgoing = { request: text, parts: 'one', mostParts: 1 } as const
  const client = await open(new URL(`ws://127.0.0.1:${server.port}/`), outgoing, {
    frame: () => undefined,
    text: () => undefined,
    idle: () => undefined,
    failed: received.reject,
  })
  client.send(1)
  expect(await received.promise).toBe(text)
  client.close()
})

/** As servers send them: unmasked, with the shortest length that fits. */
function serverFrame(text: string): Uint8Array {
  const head = Buffer.alloc(10)
  head[0] = 0x81
  if (text.length < 126)
    return Buffer.concat([head.subarray(0, 1), Uint8Array.of(text.length), Buffer.from(text)])
  if (text.length < 65_536) {
    head[1] = 126
    head.writeUInt16BE(text.length, 2)
    return Buffer.concat([head.subarray(0, 4), Buffer.from(text)])
  }
  head[1] = 127
  head.writeBigUInt64BE(BigInt(text.length), 2)
  return Buffer.concat([head, Buffer.from(text)])
}

function asText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
