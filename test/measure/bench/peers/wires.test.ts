import { describe, expect, test } from 'bun:test'
import { Meter } from '../load/meter.ts'
import { messageFrame } from '../load/v2-frames.ts'
import { v2Wire } from '../load/v2-wire.ts'
import { PLAIN, V1, type Wire } from '../load/wire.ts'
import { CENTRIFUGO } from './centrifugo.ts'
import { CHANNELS_ROOM } from './channels.ts'
import { clientMessages } from './messages.ts'
import { SOCKET_IO } from './node-and-bun.ts'

const [own, other] = clientMessages(2)
if (own === undefined || other === undefined) throw new Error('there are no messages')

const wires = [
  {
    name: 'plain messages',
    wire: PLAIN,
    start: [],
    messages: [own.json, other.json],
    rest: [],
    refusals: [],
  },
  {
    name: 'contract v1',
    wire: V1,
    start: [{ frame: '{"type":"history","messages":[]}', said: [] }],
    messages: [own.json, other.json],
    rest: [{ frame: '{"type":"system","content":"User ann joined the chat"}', said: [] }],
    refusals: ['{"type":"error","detail":"no"}'],
  },
  {
    name: 'Socket.IO',
    wire: SOCKET_IO,
    start: [
      { frame: '0{"sid":"a","upgrades":[],"pingInterval":25000}', said: ['40'] },
      { frame: '40{"sid":"b"}', said: [] },
    ],
    messages: [`42["message",${own.json}]`, `42["message",${other.json}]`],
    rest: [{ frame: '2', said: ['3'] }],
    refusals: ['44{"message":"no"}'],
  },
  {
    name: 'the room of Channels',
    wire: CHANNELS_ROOM,
    start: [],
    messages: [own.content, other.content].map((text) => `{"message": ${JSON.stringify(text)}}`),
    rest: [],
    refusals: [],
  },
  {
    name: 'contract v2',
    wire: v2Wire(7, 100),
    start: [
      { frame: '{"type":"hello","batch":true}', said: ['{"type":"subscribe","id":1,"room":7,"limit":1}'] },
      { frame: '[{"type":"result","id":1,"data":{}},{"type":"live","room":7,"seq":4}]', said: [] },
    ],
    messages: [
      [own, other]
        .map(({ content }, index) => messageFrame(7, content).replace(/"seq":\d+/, `"seq":${5 + index}`))
        .join()
        .replace(/.*/, '[$&]'),
    ],
    rest: [{ frame: '{"type":"state","room":7}', said: [] }],
    refusals: ['{"type":"error","id":2,"code":"rate_limited"}'],
  },
  {
    name: 'Centrifugo',
    wire: CENTRIFUGO,
    start: [
      {
        frame: '{"id":1,"connect":{"client":"a","ping":25,"pong":true}}',
        said: ['{"id":2,"subscribe":{"channel":"room"}}'],
      },
      { frame: '{"id":2,"subscribe":{"recoverable":true,"epoch":"ZuPs","positioned":true}}', said: [] },
    ],
    messages: [
      `${publication(own.json, '1,"epoch":"ZuPs"')}\n{"id":3,"publish":{}}\n${publication(other.json, '2')}`,
    ],
    rest: [{ frame: '{}', said: ['{}'] }],
    refusals: ['{"id":3,"error":{"code":103,"message":"permission denied"}}'],
  },
]

function publication(json: string, offset: string): string {
  return `{"push":{"channel":"room","pub":{"data":${json},"info":{"user":"1000000","client":"6835"},"offset":${offset}}}}`
}

describe.each(wires)('$name', ({ wire, start, messages, rest, refusals }) => {
  for (const way of ['bytes', 'text'] as const) {
    test(`distinguishes messages from other frames, as ${way}`, async () => {
      const { meter, hear, idle, said, sent } = clientOf(wire, way)
      expect(said.splice(0)).toEqual(wire.hello === null ? [] : [wire.hello])
      for (const { frame, said: answers } of start) {
        hear(frame)
        expect(said.splice(0)).toEqual(answers)
      }
      await meter.greeted()
      expect(meter.deliveries).toBe(0)

      for (const { frame, said: answers } of rest) {
        hear(frame)
        expect(said.splice(0)).toEqual(answers)
      }
      for (const frame of messages) hear(frame)
      idle()
      expect(meter.deliveries).toBe(2)
      // One is its own, for which it sends another.
      expect(sent).toEqual([1])
      for (const frame of refusals) expect(() => hear(frame)).toThrow('the server answered')
    })
  }
})

/** A load's client, without a connection, and with something before each frame in the same piece of memory. */
function clientOf(wire: Wire, way: 'bytes' | 'text') {
  const client = { url: '', frame: '', mark: own?.mark ?? '' }
  const meter = new Meter({ clients: [client], client: 'raw', wire, inFlight: 1, warmUpMs: 0, measureMs: 0 })
  const [said, sent]: [string[], number[]] = [[], []]
  const member = meter.member(client)
  member.attach({
    say: (text) => said.push(text),
    send: (count) => sent.push(count),
    close: () => undefined,
  })
  const before = 'before'
  const hear = (frame: string) => {
    const bytes = Buffer.from(`${before}${frame}after`)
    if (way === 'text') member.text(frame)
    else member.frame(bytes, before.length, before.length + Buffer.byteLength(frame))
  }
  return { meter, hear, idle: () => member.idle(), said, sent }
}
