import { expect } from 'bun:test'
import type { RoomId } from '../../src/core/index.ts'
import { insertOld, openTables } from '../api/across/support/stored.ts'
import { makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { enter, isEvent, reached } from '../api/v2/support/rooms.ts'
import { connect, type V2Client } from '../api/v2/support/v2-client.ts'
import { createRandom, type Random } from '../e2e/random.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { startCommotion } from './commotion.ts'
import { Replica, type ReplicaState } from './replica.ts'

/**
 * Two clients listen all the time, and one leaves and resumes again and again, in a room where everything happens. The two receive
 * identical frames. In the end all three know the same, and so does a client that reads everything from the beginning.
 */
export async function tellsAllTheSame(changes: number, seed: number): Promise<void> {
  console.log(`SEED=${seed} repeats what is done, though not in which order it comes`)
  const app = await startApp({ RESUME_LIMIT: '1000000' })
  const tables = openTables(app.databaseUrl)
  try {
    const [owner, ann, ben, cleo, ...others] = await Promise.all(NAMES.map((name) => person(app, name)))
    if (!owner || !ann || !ben || !cleo) throw new Error('too few came')
    const [speakers, passers] = [others.slice(0, 4), others.slice(4)]
    const room = await makeRoom(app, owner, [ann, ben, cleo, ...speakers])
    const listeners = await Promise.all([ann, ben].map((each) => connect(app, each)))
    for (const listener of listeners) await enter(listener, room)

    const commotion = await startCommotion({ app, room, owner, speakers, passers, seed })
    const visiting = comeAndGo(app, room, cleo, createRandom(seed))
    for (let part = 1; part <= PARTS; part++) {
      await until(() => commotion.made >= (changes / PARTS) * part, `part ${part} of the changes`, 60_000)
      // As if another node had written it and its announcement was lost: live clients get it as a stretch too.
      await insertOld(tables.sql, { id: room }, [ann, ben], 40)
      await app.core.feed.reconcile()
    }
    await commotion.stop()
    const { lastSeq: head } = (await app.chat.rooms.view({ id: room }, owner.id)).room
    const visitor = await visiting.end(head)
    await Promise.all(listeners.map((listener) => reached(listener, room, head)))

    const [one = [], other = []] = listeners.map((listener) => numbered(listener))
    expect(one.length).toBeGreaterThan(changes / 2)
    expect(one.some((text) => text.startsWith('{"type":"changes"'))).toBe(true)
    expect(one).toEqual(other)
    const told = new Set(one)
    expect(visitor.events.filter((text) => !told.has(text))).toEqual([])

    const anew = await connect(app, owner)
    await enter(anew, room, 0)
    const [state, ...states] = [...listeners, anew].map((client) => {
      const replica = new Replica(room)
      for (const frame of client.frames) replica.take(frame)
      return replica.state()
    })
    if (state === undefined) throw new Error('nobody has listened')
    expect(state.messages.length).toBeGreaterThan(changes / 4)
    expect(state.position).toBe(head)
    for (const another of [...states, visitor.state]) expect(another).toEqual(state)
    console.log(
      `${head} numbers in ${one.length} frames; ${visitor.events.length} of them in ${visitor.visits} visits`,
    )
    await Promise.all([...listeners, anew].map((client) => client.close()))
  } finally {
    await tables.close()
    await app.close()
  }
}

/** A client that listens for a while, leaves, and resumes from its position, until it is told to stay. */
function comeAndGo(app: TestApp, room: RoomId, who: Person, random: Random) {
  const replica = new Replica(room)
  const events: string[] = []
  const end = Promise.withResolvers<number>()
  let visits = 0
  let isOver = false
  let fault: unknown = null
  const going = goOn().catch((error: unknown) => {
    fault = error
  })

  async function goOn(): Promise<void> {
    while (!isOver) {
      const most = random.below(200)
      await visit((client) =>
        // A visit may end before the room is live.
        Promise.race([
          end.promise,
          client.until(() => numbered(client).length >= most, 'enough to be heard'),
        ]),
      )
    }
    await visit(async (client) => reached(client, room, await end.promise))
  }

  async function visit(stay: (client: V2Client) => Promise<unknown>): Promise<void> {
    const client = await connect(app, who)
    client.askAs({ type: 'subscribe', id: 'come back', room, after: replica.position })
    await stay(client)
    await client.close()
    for (const frame of client.frames) replica.take(frame)
    events.push(...numbered(client).filter((text) => !text.startsWith('{"type":"changes"')))
    visits++
  }

  return {
    /** Resolves once they have everything up to the number. */
    async end(head: number): Promise<{ state: ReplicaState; events: readonly string[]; visits: number }> {
      isOver = true
      end.resolve(head)
      await going
      if (fault !== null) throw fault
      return { state: replica.state(), events, visits }
    },
  }
}

/** Returns the frames with numbers of the room, in the order in which they came. */
function numbered({ frames, texts }: V2Client): string[] {
  return texts.filter((_, i) => {
    const frame = frames[i]
    return frame !== undefined && (isEvent(frame) || frame.type === 'changes')
  })
}

const NAMES = ['owner', 'ann', 'ben', 'cleo', 'dan', 'eve', 'finn', 'gus', 'hal', 'ida', 'joe']
const PARTS = 5
