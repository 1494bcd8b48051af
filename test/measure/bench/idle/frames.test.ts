import { expect, test } from 'bun:test'
import { Frames } from './frames.ts'

/** Unmasked, as a server sends them. */
function frame(first: number, payload: string): Buffer {
  const body = Buffer.from(payload)
  if (body.length < 126) return Buffer.concat([Buffer.of(first, body.length), body])
  const head = Buffer.alloc(body.length < 65_536 ? 4 : 10)
  head[0] = first
  if (head.length === 4) {
    head[1] = 126
    head.writeUInt16BE(body.length, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(body.length), 2)
  }
  return Buffer.concat([head, body])
}

test.each([
  [
    ['', 'a', 'b'.repeat(125), 'c'.repeat(126)],
    [1, 2, 3, 7],
  ],
  [
    ['d'.repeat(65_535), 'x', 'é'.repeat(40_000)],
    [1000, 65_536, 1_000_000],
  ],
])('frames of every length are found, wherever the stream is split', (texts, sizes) => {
  const stream = Buffer.concat(texts.flatMap((text) => [frame(0x81, text), frame(0x89, '')]))
  for (const size of sizes) {
    const heard: string[] = []
    let pings = 0
    const frames = new Frames({
      text: (payload) => void heard.push(payload.toString()),
      ping: () => pings++,
      error: (error) => {
        throw error
      },
    })
    for (let at = 0; at < stream.length; at += size) frames.push(stream.subarray(at, at + size))
    expect(heard).toEqual(texts)
    expect(pings).toBe(texts.length)
  }
})

test('everything else is reported', () => {
  const errors: Error[] = []
  const frames = new Frames({
    text: () => undefined,
    ping: () => undefined,
    error: (error) => errors.push(error),
  })
  frames.push(frame(0x88, 'xx'))
  expect(errors).toHaveLength(1)
})
