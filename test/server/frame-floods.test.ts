// Clients that send as fast as they can, over every contract's socket, while somebody else asks the server for its health.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ask } from '../api/support/rest.ts'
import { v1Client } from '../api/support/v1-client.ts'
import { besideHealth } from '../hostile/support/probe.ts'
import type { ParleyProcess } from '../support/parley-process.ts'
import { startParley } from '../support/parley-process.ts'
import { type FloodFrame, flood } from './support/flood.ts'
import { BINARY, PING, PONG, TEXT } from './support/raw-websocket.ts'

/** What somebody else may wait for an answer meanwhile, in milliseconds. */
const MOST_MS = 100
const SECONDS = 3
const CONTINUATION = 0
/** Bytes that one socket gets in answer to a flood of any size: 2,500 refusals of some 125 bytes, and a history of the room. */
const MOST_ANSWERS = 500_000

/** What no server should be kept busy by, whoever sends it. */
const FLOODS: Readonly<Record<string, readonly FloodFrame[]>> = {
  'frames of one byte': [{ opcode: TEXT, text: 'x' }],
  'empty frames': [{ opcode: TEXT, text: '' }],
  'frames of an unknown type': [{ opcode: TEXT, text: '{"type":"shout","id":1}' }],
  'pings of v2': [{ opcode: TEXT, text: '{"type":"ping"}' }],
  'binary frames': [{ opcode: BINARY, text: 'x' }],
  'pings of the protocol': [{ opcode: PING, text: '' }],
  'pongs of the protocol': [{ opcode: PONG, text: '' }],
  'messages in fragments': [
    { opcode: TEXT, text: 'x', final: false },
    { opcode: CONTINUATION, text: 'x' },
  ],
  'deep lists': [{ opcode: TEXT, text: `${'['.repeat(32_000)}${']'.repeat(32_000)}` }],
}

/** Nothing is refused for being too much. */
const RAISED = Object.fromEntries(
  ['FRAMES', 'REFUSALS', 'MESSAGES', 'USER_REQUESTS'].flatMap((what) => [
    [`RATE_${what}_PER_SECOND`, '1000000'],
    [`RATE_${what}_BURST`, '1000000'],
  ]),
)

describe('at the default limits a flooding socket is closed with 1008, and nobody else waits for it:', () => {
  const server = started({})

  test.each(Object.entries(FLOODS))('%s, over every contract’s socket', async (_, frames) => {
    const { parley, urls } = server()
    const sockets = Object.entries(urls).map(([name, url]) => ({ name, url, frames }))
    const { result, slow } = await besideHealth(parley, MOST_MS, () => flood({ sockets, seconds: SECONDS }))
    expect(slow).toEqual([])
    expect(result.map(({ name, code }) => [name, code])).toEqual(sockets.map(({ name }) => [name, 1008]))
  })

  test.each(['frames of one byte', 'pings of v2', 'pings of the protocol'])(
    '%s, over a hundred sockets',
    async (kind) => {
      const { parley, urls } = server()
      const frames = FLOODS[kind] ?? []
      const sockets = Array.from({ length: 100 }, (_, n) => ({ name: `${n}`, url: urls.nameless, frames }))
      const { result, slow } = await besideHealth(parley, MOST_MS, () => flood({ sockets, seconds: SECONDS }))
      expect(slow).toEqual([])
      // So many at once are too many for the server as well: some of them are told to try again later.
      // What the server has not read makes the system reset the connection, which can overtake the close frame.
      const sentAway = ({ code, ended }: (typeof result)[number]) =>
        code === 1008 || code === 1013 || (code === null && ended)
      expect(result.filter((socket) => !sentAway(socket))).toEqual([])
      expect(result.some(({ code }) => code === 1008)).toBe(true)
    },
  )

  test('the responses are not much larger than what was sent', async () => {
    const { urls } = server()
    const sockets = Object.entries(urls).map(([name, url]) => ({
      name,
      url,
      frames: FLOODS['empty frames'] ?? [],
    }))
    for (const { received } of await flood({ sockets, seconds: SECONDS }))
      expect(received).toBeLessThan(MOST_ANSWERS)
  })
})

describe('with all limits raised a flood is read as fast as it is handled, and nobody else waits for it:', () => {
  const server = started(RAISED)

  test.each(['frames of one byte', 'pings of v2', 'frames of an unknown type', 'deep lists'])(
    '%s',
    async (kind) => {
      const { parley, urls } = server()
      const frames = FLOODS[kind] ?? []
      const sockets = Object.entries(urls).flatMap(([name, url]) =>
        Array.from({ length: 2 }, () => ({ name, url, frames })),
      )
      const { slow } = await besideHealth(parley, MOST_MS, () => flood({ sockets, seconds: 0.5 }))
      expect(slow).toEqual([])
    },
  )
})

interface Flooded {
  readonly parley: ParleyProcess
  /** The sockets of every contract, each of another user. */
  readonly urls: Readonly<Record<'nameless' | 'v2' | 'v1' | 'room' | 'direct', string>>
}

/** A server of its own for the tests of a group. */
function started(env: Record<string, string>): () => Flooded {
  let flooded: Flooded | null = null
  beforeAll(async () => {
    // Handshakes have a limit of their own, of requests.
    const parley = await startParley({ RATE_REQUESTS_PER_MINUTE: '1000000', ...env })
    flooded = { parley, urls: await socketUrls(parley) }
  })
  afterAll(() => flooded?.parley.remove())
  return () => {
    if (flooded === null) throw new Error('the server has not started')
    return flooded
  }
}

async function socketUrls({ url, wsUrl }: ParleyProcess): Promise<Flooded['urls']> {
  const v1 = v1Client({ url, wsUrl })
  const [one, two, three, four] = [await v1.user(), await v1.user(), await v1.user(), await v1.user()]
  const room = await v1.room('flooded')
  const json = { user_id: Number(two.id) }
  const direct = await ask('POST', `${url}/api/chats/create/`, { json, token: four.token })
  return {
    nameless: `${wsUrl}/api/v2/socket`,
    v2: `${wsUrl}/api/v2/socket?token=${one.token}`,
    v1: `${wsUrl}/api/v1/ws/${room.id}/${two.id}?token=${two.token}`,
    room: `${wsUrl}/ws/chat/flooded/?token=${three.token}`,
    direct: `${wsUrl}/ws/chat/${Object(direct.json).id}/?token=${four.token}`,
  }
}
