import { describe, expect, test } from 'bun:test'
import { Meter } from './meter.ts'
import { messageFrame } from './v2-frames.ts'
import { countedSend, v2Wire } from './v2-wire.ts'

const ROOM = 7
const marks = ['00', '01'] as const

/** Two clients of a batching v2 server, one message of each on its way. */
function twoClients() {
  const clients = marks.map((mark) => ({ url: '', frame: countedSend(ROOM, mark), mark }))
  const wire = v2Wire(ROOM, 100)
  const meter = new Meter({ clients, client: 'raw', wire, inFlight: 1, warmUpMs: 0, measureMs: 0 })
  const members = clients.map((client) => {
    const member = meter.member(client)
    const [sent, said]: [number[], string[]] = [[], []]
    member.attach({
      send: (count) => sent.push(count),
      say: (text) => said.push(text),
      close: () => undefined,
    })
    const hear = (...frames: string[]) => {
      const bytes = Buffer.from(frames.length === 1 ? (frames[0] ?? '') : `[${frames.join()}]`)
      member.frame(bytes, 0, bytes.length)
      member.idle()
    }
    return { member, sent, said, hear }
  })
  return { meter, members, each: (...frames: string[]) => members.map(({ hear }) => hear(...frames)) }
}

const event = (seq: number, mark: string) => messageFrame(ROOM, mark).replace(/"seq":\d+/, `"seq":${seq}`)
const answer = '{"type":"result","id":2,"data":{"room":7},"remaining":1}'

describe('a load of v2 clients', () => {
  test('subscribes, counts messages and answers of batches, and sends as many as were its own', async () => {
    const { meter, members, each } = twoClients()
    each('{"type":"hello","batch":true}')
    for (const { said } of members) expect(said).toEqual(['{"type":"subscribe","id":1,"room":7,"limit":1}'])
    each('{"type":"result","id":1,"data":{}}', '{"type":"live","room":7,"seq":4}')
    await meter.greeted()
    for (const { member } of members) member.begin()

    each(event(5, '00'), answer, event(6, '01'))
    expect(meter.deliveries).toBe(4)
    expect(members.map(({ sent }) => sent)).toEqual([
      [1, 1],
      [1, 1],
    ])

    const finished = meter.finished()
    each(event(7, '01'), event(8, '00'))
    expect(await Promise.race([finished.then(() => 'finished'), Promise.resolve('not yet')])).toBe('not yet')
    // The second answers.
    each(answer)
    await finished
    expect(meter.deliveries).toBe(8)
  })

  test('fails if a message is missing, comes twice, or in another order', () => {
    const first = () => twoClients().members[0]?.hear
    expect(() => first()?.(event(5, '00'), event(7, '01'))).toThrow('number 7 came after 5')
    expect(() => first()?.(event(5, '00'), event(5, '00'))).toThrow('number 5 came after 5')
    expect(() => first()?.(event(5, '00'), event(4, '00'))).toThrow('number 4 came after 5')
  })

  test('fails if a client that is not sampled has the right count, but not every number', () => {
    const { meter, members, each } = twoClients()
    const [first, second] = members
    for (const { member } of members) member.begin()
    each(answer)
    void meter.finished()
    first?.hear(event(5, '00'), event(6, '01'))
    expect(() => second?.hear(event(5, '00'), event(7, '01'))).toThrow('2 messages with 3 numbers')
  })

  test('fails if the server complains', () => {
    const { each } = twoClients()
    expect(() => each('{"type":"error","id":2,"code":"rate_limited"}')).toThrow('the server answered')
  })
})
