import type { Random } from '../../e2e/random.ts'
import { handshakeRequest } from '../../server/support/raw-http.ts'
import { BINARY, encodeFrame, PING, PONG, TEXT } from '../../server/support/raw-websocket.ts'
import { anyJson, everyJson } from './json.ts'
import { openLine } from './line.ts'
import { type Attack, addressOf, pick, shuffled } from './rest.ts'
import type { Scene } from './scene.ts'

/** Where a socket is opened, and what its contract's frames look like. */
interface Door {
  readonly name: string
  readonly path: string
  /** Frames with the value in each of their places. */
  around(value: string): string[]
  /** Floods of what is allowed, by what they do: the same frames again and again. */
  readonly floods: Readonly<Record<string, readonly string[]>>
}

/**
 * Every flood and hostile frames on every contract's socket, each on a connection of its own.
 * @param kinds how many kinds of hostile values, chosen at random for each
 */
export function everySocket(scene: Scene, random: Random, kinds: number): Attack[] {
  const attacks = doorsOf(scene, random).flatMap((door) =>
    Object.entries(attacksOn(door, scene.mostBytes, random, kinds)).map(([name, parts]) => ({
      name: `${door.name}: ${name}`,
      run: () => attackSocket(scene, door.path, random, parts),
    })),
  )
  return shuffled(attacks, random)
}

type Parts = Iterable<Uint8Array>

/** Sends it as fast as it is taken, until the server closes the connection or it has been at it for long enough. */
async function attackSocket(
  { node }: Scene,
  path: string,
  random: Random,
  parts: Parts,
): Promise<string | null> {
  const line = await openLine(node.url)
  try {
    await line.write(handshakeRequest(`${node.wsUrl}${path}`, { 'X-Forwarded-For': addressOf(random) }))
    await line.answered(HANDSHAKE_MS)
    const status = line.received().slice(9, 12)
    if (status !== '101' && status !== '429') return `the handshake was answered with ${status}`
    const end = performance.now() + FLOOD_MS
    for (const part of parts) {
      if (line.isOver() || performance.now() > end) break
      await line.write(part)
    }
    // What was sent before has been looked at when this is answered.
    await line.write(encodeFrame(PING, 'end'))
    await line.heard(encodeFrame(PONG, 'end', { masked: false }), ANSWER_MS)
    return null
  } finally {
    line.cut()
  }
}

function attacksOn(door: Door, mostBytes: number, random: Random, kinds: number): Record<string, Parts> {
  const hostile = shuffled(everyJson(mostBytes - 300), random).slice(0, kinds)
  const garbage = Array.from({ length: 40 }, () => frame(anyJson(random, mostBytes)))
  const floods = Object.entries(door.floods).map(([name, frames]): [string, Parts] => [
    name,
    again(frames.map(frame), 50_000),
  ])
  return {
    'frames of one byte': again([frame('x')], 300_000),
    'empty frames': again([frame('')], 300_000),
    'empty objects': again([frame('{}')], 200_000),
    'frames of bytes': again([encodeFrame(BINARY, 'x')], 200_000),
    pings: again([encodeFrame(PING, 'x')], 200_000),
    pongs: again([encodeFrame(PONG, '')], 300_000),
    'a frame in fragments of a byte': [
      encodeFrame(TEXT, '{', { final: false }),
      ...again([encodeFrame(CONTINUATION, 'x', { final: false })], mostBytes - 10),
      encodeFrame(CONTINUATION, '}'),
    ],
    'garbage as large as goes': again(garbage, 400),
    ...Object.fromEntries(
      hostile.map(([kind, value]) => [kind, again([...door.around(value), value].map(frame), 20)]),
    ),
    ...Object.fromEntries(floods),
  }
}

function doorsOf({ talkers, rooms, roomName, direct }: Scene, random: Random): Door[] {
  const [first] = talkers
  const who = pick(random, talkers)
  const [room] = rooms
  if (first === undefined || room === undefined) throw new Error('there is nobody')
  const typing = (on: boolean) => `{"type":"typing","room":${room},"typing":${on}}`
  return [
    {
      name: 'v2',
      path: `/api/v2/socket?token=${who.token}`,
      around: (value) => [
        `{"type":"send","id":1,"room":${room},"body":${value}}`,
        `{"type":"send","id":2,"room":${room},"body":"x","client_id":${value}}`,
        `{"type":"send","id":3,"room":${value},"body":"x","reply_to":${value}}`,
        `{"type":"subscribe","id":${value},"room":${room}}`,
        `{"type":"edit","id":4,"room":${room},"seq":5,"body":${value}}`,
        `{"type":"auth","id":5,"token":${value}}`,
        `{"type":${value}}`,
      ],
      floods: {
        'the shortest request': ['{"type":"ping"}'],
        'requests that are answered': ['{"type":"ping","id":1}'],
        'typing on and off': [
          `{"type":"subscribe","id":1,"room":${room}}`,
          ...Array.from({ length: 500 }, () => [typing(true), typing(false)]).flat(),
        ],
        'coming and going': [
          `{"type":"subscribe","id":1,"room":${room},"limit":200}`,
          `{"type":"unsubscribe","room":${room}}`,
        ],
        'coming back from long ago': [`{"type":"subscribe","id":1,"room":${room},"after":1}`],
        messages: [`{"type":"send","id":1,"room":${room},"body":"flood"}`],
        marks: [
          `{"type":"read","id":1,"room":${room},"seq":1}`,
          `{"type":"delivered","room":${room},"seq":1}`,
        ],
        'edits of what is not one’s own': [`{"type":"edit","id":1,"room":${room},"seq":30,"body":"x"}`],
        'wrong tokens': [`{"type":"auth","id":1,"token":"${'0'.repeat(40)}"}`],
      },
    },
    {
      name: 'v2 without a name',
      path: '/api/v2/socket?identify=later',
      around: (value) => [
        `{"type":"auth","id":1,"token":${value}}`,
        `{"type":"auth","id":${value},"token":"x"}`,
      ],
      floods: {
        'the shortest request': ['{"type":"ping"}'],
        'wrong tokens': [`{"type":"auth","id":1,"token":"${'0'.repeat(40)}"}`],
      },
    },
    {
      name: 'v1',
      path: `/api/v1/ws/${room}/${who.id}?token=${who.token}`,
      around: (value) => [
        `{"type":"text","content":${value},"user_id":"${who.id}"}`,
        `{"type":"text","content":"x","user_id":${value}}`,
      ],
      floods: { messages: [`{"type":"text","content":"flood","user_id":"${who.id}"}`] },
    },
    {
      name: 'a room',
      path: `/ws/chat/${encodeURIComponent(roomName)}/?token=${who.token}`,
      around: (value) => [`{"message":${value}}`, `{"message":"x","message_type":${value}}`],
      floods: { messages: ['{"message":"flood"}'] },
    },
    {
      name: 'a direct chat',
      path: `/ws/chat/${direct}/?token=${first.token}`,
      around: (value) => [`{"body":${value}}`],
      floods: { messages: ['{"body":"flood"}'] },
    },
  ]
}

function frame(text: string): Buffer {
  return encodeFrame(TEXT, text)
}

/** The frames in turn, so many in all, in pieces that are written at once. */
function* again(frames: readonly Uint8Array[], count: number): Parts {
  const all = Buffer.concat(frames)
  const rounds = Math.ceil(count / frames.length)
  const atOnce = Math.max(1, Math.floor(PIECE_BYTES / all.length))
  const piece = Buffer.concat(Array.from({ length: Math.min(rounds, atOnce) }, () => all))
  for (let round = 0; round < rounds; round += atOnce) yield piece
}

const CONTINUATION = 0
const PIECE_BYTES = 262_144
/** How long one flood may take. */
const FLOOD_MS = 400
const ANSWER_MS = 2000
/** A server that has much to do answers late, and all the same. */
const HANDSHAKE_MS = 20_000
