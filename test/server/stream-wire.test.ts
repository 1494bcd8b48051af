import { describe, expect, test } from 'bun:test'
import { type StreamFormat, StreamWire } from '../../src/server/sockets/stream-wire.ts'
import { Topics } from '../../src/server/sockets/topics.ts'

const format: StreamFormat = {
  contentType: 'text/plain',
  start: '<',
  frame: (text) => `(${text})`,
  ping: '.',
  end: (code) => `${code}>`,
}

function rig(mostBytes = 1_000_000) {
  const topics = new Topics()
  const told: string[] = []
  const wire = new StreamWire(format, topics, mostBytes, {
    taken: () => undefined,
    cut: () => void told.push('cut'),
    closed: () => void told.push('closed'),
  })
  return { topics, told, wire }
}

describe('a wire that is an answer', () => {
  test('writes what it is sent, in order, and ends once the reader has all of it', async () => {
    const { topics, told, wire } = rig()
    wire.subscribe('room')
    wire.send('a')
    topics.publish('room', 'b')
    wire.ping()
    wire.unsubscribe('room')
    topics.publish('room', 'not here')
    wire.close(1000, '')
    wire.send('too late')
    expect(await new Response(wire.body).text()).toBe('<(a)(b).1000>')
    expect(told).toEqual(['closed'])
    expect(topics.publish('room', 'c')).toBe(false)
  })

  test('hands out no more than is read, counts the rest and is cut off past its bound', async () => {
    const { topics, told, wire } = rig(200_000)
    const reader = wire.body.getReader()
    await reader.read()
    wire.subscribe('room')
    const text = 'x'.repeat(50_000)
    expect(wire.send(text)).toBe(1)
    expect(wire.getBufferedAmount()).toBe(50_002)
    expect(topics.publish('room', text)).toBe(true)
    wire.send(text)
    expect(wire.getBufferedAmount()).toBe(150_006)
    const { value } = await reader.read()
    expect(value?.byteLength).toBe(100_004)
    expect(wire.getBufferedAmount()).toBe(50_002)
    for (let n = 0; n < 10; n++) topics.publish('room', text)
    expect(told).toEqual(['cut', 'closed'])
    expect(wire.getBufferedAmount()).toBe(0)
  })

  test('ends once, however it ends', async () => {
    const { told, wire } = rig()
    wire.subscribe('room')
    await wire.body.cancel()
    wire.gone()
    wire.terminate()
    wire.close(1000, '')
    expect(told).toEqual(['closed'])
  })
})
