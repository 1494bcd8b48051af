// Everything that contains what is searched for is found, and nothing else: a mixed corpus against the words themselves.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  createSearch,
  type Limiter,
  type MessageId,
  type Room,
  type Store,
  type User,
} from '../../src/core/index.ts'
import { systemClock } from '../../src/server/index.ts'
import { numbers, speaker } from '../measure/bench/search/corpus.ts'
import { indexAll } from '../ports/search-index.ts'
import { batchOf, World } from '../ports/world.ts'
import { useStores } from './stores.ts'

/** Enough for blocks of two sizes, and for common words to fill pages. */
const MESSAGES = 8000
const ROOMS = 5
const BATCH = 2000
const TERMS = 60

describe.each(['postgres', 'embedded'] as const)('on %s', (kind) => {
  const make = useStores(kind)
  let store: Store
  let reader: User
  const said: { readonly body: string; readonly hidden: boolean; readonly id: number }[] = []

  beforeAll(async () => {
    const world = new World(await make())
    store = world.store
    const writer = await world.user()
    reader = await world.user()
    const rooms: Room[] = []
    for (let n = 0; n < ROOMS; n++) rooms.push(await world.room([writer, reader], 'private'))
    const hidden = await world.room([writer], 'private')
    const [speak, random] = [speaker(5), numbers(6)]
    for (let from = 0; from < MESSAGES; from += BATCH) {
      const drafts = Array.from({ length: BATCH }, () => {
        const room = rooms[Math.floor(random() * (ROOMS + 1))] ?? hidden
        return world.draft(room, writer, { body: speak().body })
      })
      const batch = batchOf(drafts)
      const { ids } = await store.append(0, batch)
      for (const [index, { body, roomId }] of batch.drafts.entries()) {
        said.push({ body, hidden: roomId === hidden.id, id: Number(ids[index]) })
      }
    }
    await indexAll(store)
  }, 60_000)
  afterAll(() => said.splice(0))

  test('is every message that contains a piece of another, in any language, newest first, each once', async () => {
    const free = { waitMs: 0, limit: 1, left: 1, resetMs: 1 }
    const limiter: Limiter = { take: async () => free, giveBack: async () => undefined }
    const search = createSearch({ store, limiter, clock: systemClock })
    const found = async (text: string) => {
      const ids: number[] = []
      let below: MessageId | null = null
      do {
        const page = await search.messages(reader.id, {
          ...{ text, room: null, sender: null, files: false, from: null, until: null, limit: 100 },
          below,
        })
        ids.push(...page.hits.map(({ message }) => message.id))
        below = page.below
      } while (below !== null)
      return ids
    }
    const random = numbers(8)
    const lower = said.map(({ body }) => body.toLowerCase())
    let total = 0
    for (let n = 0; n < TERMS; n++) {
      const term = pieceOf(lower[Math.floor(random() * MESSAGES)] ?? '', random)
      if (term === null) continue
      const expected = said
        .filter(({ hidden }, index) => !hidden && lower[index]?.includes(term))
        .map(({ id }) => id)
      total += expected.length
      expect([term, await found(term)]).toEqual([term, expected.toSorted((a, b) => b - a)])
    }
    expect(total).toBeGreaterThan(1000)
  })
})

/** Returns two to six characters of a text, without what divides words or combines with others. */
function pieceOf(text: string, random: () => number): string | null {
  const points = Array.from(text)
  const start = Math.floor(random() * points.length)
  const piece = points.slice(start, start + 2 + Math.floor(random() * 5))
  return piece.length < 2 || /[\s"\u200d]|\p{M}/u.test(piece.join('')) ? null : piece.join('')
}
