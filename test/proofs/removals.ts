import { expect } from 'bun:test'
import type { RoomId } from '../../src/core/index.ts'
import { insertOld, openTables } from '../api/across/support/stored.ts'
import { makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { enter } from '../api/v2/support/rooms.ts'
import { connect, type Frame, type V2Client } from '../api/v2/support/v2-client.ts'
import { createRandom, type Random } from '../e2e/random.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { type Commotion, startCommotion } from './commotion.ts'

/**
 * Removes a member again and again from a room where others talk. Meanwhile some of the member's sockets are live, some are catching up
 * in each of the three ways, and some subscribe without a pause. None of them is sent anything later than the removal.
 */
export async function tellsNothingAfterRemoval(rounds: number, seed: number): Promise<void> {
  console.log(`SEED=${seed} repeats these moments`)
  const random = createRandom(seed)
  const app = await startApp()
  const tables = openTables(app.databaseUrl)
  try {
    const [owner, victim, ...others] = await Promise.all(NAMES.map((name) => person(app, name)))
    if (owner === undefined || victim === undefined) throw new Error('too few came')
    const speakers = others.slice(0, 4)
    const room = await makeRoom(app, owner, speakers)
    // Enough history that catching up takes more than one step.
    await insertOld(tables.sql, { id: room }, [owner, owner], OLD)
    // The node keeps a room's latest events in memory while somebody listens to the room.
    const listener = await connect(app, owner)
    await enter(listener, room)
    const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => connect(app, victim)))
    const commotion = await startCommotion({ app, room, owner, speakers, passers: others.slice(4), seed })
    const tally = new Map<string, number>()

    const scene: Scene = { app, room, owner, victim, sockets, commotion, random }
    for (let round = 1; round <= rounds; round++) {
      const begins = sockets.map(({ frames }) => frames.length)
      await letInAndRemove(scene)
      const removal = await tables.membershipSeq({ id: room }, victim)
      for (const [i, socket] of sockets.entries()) {
        const frames = socket.frames.slice(begins[i])
        expect(frames.filter((frame) => isLater(frame, removal))).toEqual([])
        for (const mode of modesOf(frames)) tally.set(mode, (tally.get(mode) ?? 0) + 1)
      }
    }
    await commotion.stop()
    console.log(
      `${rounds} removals, ${commotion.made} changes; subscriptions and how they came out:`,
      Object.fromEntries(tally),
    )
    const ways = ['live, cut off while live', 'changes, cut off while live', 'snapshot, cut off while live']
    const chances = rounds < ENOUGH ? [] : ['changes, cut off before', 'not_found']
    expect([...ways, ...chances].filter((way) => !tally.has(way))).toEqual([])
    await Promise.all([listener, ...sockets].map((socket) => socket.close()))
  } finally {
    await tables.close()
    await app.close()
  }
}

/** When it ends, the member is removed, more was said afterwards, and nothing is under way. */
async function letInAndRemove(scene: Scene): Promise<void> {
  const { app, room, owner, victim, sockets, commotion, random } = scene
  const ref = { id: room }
  await app.chat.membership.invite(ref, owner, [victim.id])
  const { lastSeq: joined } = (await app.chat.membership.join(ref, victim)).room
  const [first, second, third, ...rest] = sockets
  if (first === undefined || second === undefined || third === undefined) throw new Error('too few sockets')
  // From the beginning, earlier removals included: they are a member now, so they reach the end.
  await Promise.all([enter(first, room), enter(second, room, joined), enter(third, room, joined - FAR)])

  const places = [undefined, joined - 20, joined - FAR]
  const acts = rest.flatMap((socket, i) => {
    // Each socket catches up in one way. The last one repeats all ways without a pause.
    const own =
      i < places.length ? [places[i]] : Array.from({ length: 12 }, (_, n) => places[n % places.length])
    return own.map((after) => () => ask(socket, room, after))
  })
  const moment = random.below(acts.length + 1)
  let removal: Promise<void> | null = null
  for (const [i, act] of [...acts, null].entries()) {
    if (i === moment) removal = app.chat.membership.remove(ref, owner, victim.id)
    act?.()
    await turns(random.below(MOST_TURNS))
  }
  await removal
  await Promise.all(
    sockets.map((socket) =>
      socket.until(() => socket.unanswered === 0 && socket.positionIn(room) === undefined, 'the end'),
    ),
  )
  const said = commotion.made
  await until(() => commotion.made > said + 20, 'more talk')
  // Frames that were still under way.
  await Promise.all(sockets.map((socket) => socket.settled()))
}

function ask(socket: V2Client, room: RoomId, after: number | undefined): void {
  const place = after === undefined ? {} : { after }
  socket.askAs({ type: 'subscribe', id: crypto.randomUUID(), room, ...place })
}

/** Waits for turns of the event loop rather than for a time, so that requests and the removal meet in every order. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Returns whether a frame holds anything in the room that is later than the number. */
function isLater(frame: Frame, number: number): boolean {
  return numbersIn(frame).some((each) => each > number)
}

function numbersIn(frame: Frame): number[] {
  switch (frame.type) {
    case 'message':
    case 'edited':
    case 'deleted':
      return [frame.seq, frame.message.seq, frame.message.version ?? 0]
    case 'member':
    case 'room':
    case 'live':
      return [frame.seq]
    case 'changes':
      return [frame.after, frame.to, ...frame.events.flatMap(numbersIn)]
    case 'state':
      return [frame.head]
    case 'heartbeat':
      return Object.values(frame.heads)
    case 'result': {
      if (!('mode' in frame.data)) return []
      const { head, snapshot } = frame.data
      return [head, ...(snapshot?.messages ?? []).flatMap(({ seq, version }) => [seq, version ?? 0])]
    }
    default:
      return []
  }
}

/** Returns how each subscription in the frames was served, and when it was cut off. */
function modesOf(frames: readonly Frame[]): string[] {
  const modes: string[] = []
  let mode = ''
  let when = ''
  for (const frame of frames) {
    if (frame.type === 'result' && 'mode' in frame.data) {
      mode = frame.data.mode
      when = 'before'
    } else if (frame.type === 'live') {
      when = 'while live'
    } else if (frame.type === 'unsubscribed') {
      modes.push(`${mode}, cut off ${when}`)
    } else if (frame.type === 'error') {
      modes.push(frame.code)
    }
  }
  return modes
}

interface Scene {
  readonly app: TestApp
  readonly room: RoomId
  readonly owner: Person
  readonly victim: Person
  readonly sockets: readonly V2Client[]
  readonly commotion: Commotion
  readonly random: Random
}

const NAMES = ['owner', 'victim', 'ann', 'ben', 'cleo', 'dan', 'eve', 'finn']
const SOCKETS = 7
const OLD = 1500
/** More than one page of changes. */
const FAR = 1000
const MOST_TURNS = 12
/** Enough rounds for each case to occur. */
const ENOUGH = 50
