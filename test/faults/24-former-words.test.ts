// Messages are sent, edited and deleted at random over two nodes, while clients come in at random places: once a change was
// acknowledged, whoever asks is shown nothing of what the message said before.
import { expect, test } from 'bun:test'
import { Revised, Sent } from '../../src/api/v2/wire/index.ts'
import { call } from '../api/v2/rest/support/client.ts'
import { bodiesIn, enter, reached } from '../api/v2/support/rooms.ts'
import { V2Client } from '../api/v2/support/v2-client.ts'
import { chooseSeed, createRandom, type Random } from '../e2e/random.ts'
import { openRawWebSocket, TEXT } from '../server/support/raw-websocket.ts'
import type { ParleyProcess } from '../support/parley-process.ts'
import { until } from '../support/until.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { makePeople, makeRooms, type Person } from './support/people.ts'

const WRITERS = 6
const ACTS = 40
const READERS = 6
const VISITS = 15

test('a client that connects after a change was acknowledged never sees the former text', async () => {
  const seed = chooseSeed()
  console.log(`SEED=${seed} repeats these acts, though not in which order they come`)
  const cluster = await startCluster({})
  try {
    const people = await makePeople(cluster.sql, WRITERS + READERS)
    const [place] = cluster.nodes
    if (place === undefined) throw new Error('there is no node')
    const [room] = await makeRooms(place, people, 1)
    if (room === undefined) throw new Error('there is no room')
    const scene: Scene = { cluster, room, gone: new Set(), head: people.length, stays: [] }
    // Keeps the room in both nodes' memory.
    for (const node of cluster.nodes) {
      const [person] = people
      if (person === undefined) throw new Error('there is nobody')
      const client = await open(node, person)
      await enter(client, room, 0)
      scene.stays.push({ client, after: 0 })
    }
    await Promise.all(
      people.map((person, index) => {
        const random = createRandom(seed + index)
        return index < WRITERS ? write(scene, person, random) : visit(scene, person, random)
      }),
    )
    await expectTheSame(scene)
    const visits = scene.stays.length
    console.log(
      `${scene.gone.size} texts were replaced; ${visits} clients stayed to the end, at ${scene.head}`,
    )
    expect(scene.gone.size).toBeGreaterThan(WRITERS * 5)
  } finally {
    await cluster.remove()
  }
})

interface Scene {
  readonly cluster: Cluster
  readonly room: number
  /** Words that were replaced or deleted, once that was acknowledged. */
  readonly gone: Set<string>
  /** The highest number that was acknowledged. */
  head: number
  /** Clients that listen to the end, and the position that each came with. */
  readonly stays: { client: V2Client; after: number }[]
}

/** Sends, edits and deletes, one after the other, each on a node at random. */
async function write(scene: Scene, person: Person, random: Random): Promise<void> {
  const { room, gone, cluster } = scene
  const clients = await Promise.all(cluster.nodes.map((node) => open(node, person)))
  const mine: { seq: number; words: string }[] = []
  for (let act = 0; act < ACTS; act++) {
    const client = clients[random.below(clients.length)]
    if (client === undefined) throw new Error('there is a client for each node')
    const words = `«${person.id}.${act}»`
    const body = `${words}${' and so on'.repeat(random.below(40))}`
    const chosen = mine[random.below(mine.length * 2)]
    if (chosen === undefined) {
      const { seq } = await client.result({ type: 'send', room, body }, Sent)
      mine.push({ seq, words })
      scene.head = Math.max(scene.head, seq)
      continue
    }
    const { seq } = chosen
    const deletes = random.below(2) === 0
    const { version } = deletes
      ? await client.result({ type: 'delete', room, seq }, Revised)
      : await client.result({ type: 'edit', room, seq, body }, Revised)
    gone.add(chosen.words)
    scene.head = Math.max(scene.head, version)
    if (deletes) mine.splice(mine.indexOf(chosen), 1)
    else chosen.words = words
  }
  await Promise.all(clients.map((client) => client.close()))
}

/** Comes in again and again, each time on a node, at a place and in a way at random. */
async function visit(scene: Scene, person: Person, random: Random): Promise<void> {
  const { room, cluster } = scene
  for (let time = 0; time < VISITS; time++) {
    const node = cluster.nodes[random.below(cluster.nodes.length)]
    if (node === undefined) throw new Error('there is a node')
    const after = random.below(scene.head + 1)
    const way = random.below(8)
    const gone = new Set(scene.gone)
    if (way < 5) {
      const client = await open(node, person)
      // All of the room fits a snapshot.
      const [place, limit] = way === 0 ? [undefined, 200] : [after, undefined]
      await enter(client, room, place, limit)
      expectNothingOf(gone, client.texts)
      scene.stays.push({ client, after: place ?? 0 })
    } else if (way === 7) {
      expectNothingOf(gone, [await historyFrame(node, room, person)])
    } else {
      const path = way === 5 ? `/rooms/${room}/changes?after=${after}&limit=200` : `/rooms/${room}/snapshot`
      const { status, text } = await call(node, person, 'GET', path)
      expect(status).toBe(200)
      expectNothingOf(gone, [text])
    }
  }
}

function expectNothingOf(gone: ReadonlySet<string>, texts: readonly string[]): void {
  const shown = texts.flatMap((text) => text.match(/«\d+\.\d+»/g) ?? [])
  expect(shown.filter((words) => gone.has(words))).toEqual([])
}

/** Everyone who listens holds what the database has, of what is after their first position or was changed since. */
async function expectTheSame({ cluster, room, stays }: Scene): Promise<void> {
  const rows = await cluster.sql<{ last: number; body: string }[]>`
    select greatest(seq, version_seq)::float8 as last, body from messages where room_id = ${room} order by seq`
  const [head] = await cluster.sql<
    { seq: number }[]
  >`select last_seq::float8 as seq from rooms where id = ${room}`
  for (const { client, after } of stays) {
    await reached(client, room, head?.seq ?? Number.NaN)
    const expected = rows.flatMap(({ last, body }) => (last > after && body !== '' ? [body] : []))
    expect(bodiesIn(client, room)).toEqual(expected)
    await client.close()
  }
}

async function open(node: ParleyProcess, { token }: Person): Promise<V2Client> {
  const client = new V2Client(`${node.wsUrl}/api/v2/socket`, { authorization: `Bearer ${token}` })
  await client.heard('hello')
  return client
}

/** What a socket of the v1 contract begins with. */
async function historyFrame(node: ParleyProcess, room: number, { id, token }: Person): Promise<string> {
  const socket = await openRawWebSocket(`${node.wsUrl}/api/v1/ws/${room}/${id}?token=${token}`)
  const text = await until(
    () =>
      socket
        .frames()
        .find(({ opcode }) => opcode === TEXT)
        ?.payload.toString(),
    'the history',
  )
  socket.end()
  return text
}
