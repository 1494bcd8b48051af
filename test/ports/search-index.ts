import { beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { IndexWork, Message, MessagesWanted, Room, Store, User } from '../../src/core/index.ts'
import { gramsOf } from '../../src/core/search/grams.ts'
import { queryOf } from '../../src/core/search/query.ts'
import { searchText } from '../../src/core/text/search-text.ts'
import { present } from '../core/fakes/values.ts'
import { batchOf, type MakeStores, verdictsOf, World } from './world.ts'

const UPLOADS = { quotaBytes: 1000, bytesPerHour: 1000, filesPerHour: 10 }

/** Indexes everything that there is to index. */
export async function indexAll(store: Store): Promise<void> {
  for (let work = await store.unindexed(); work !== null; work = await store.unindexed())
    await index(store, work)
}

export function index(store: Store, work: IndexWork): Promise<void> {
  return store.index(
    work,
    work.messages.map(({ body }) => gramsOf(searchText(body))),
  )
}

/** Returns the messages of all pages. */
export async function searched(
  store: Store,
  user: User,
  text: string,
  more: Partial<MessagesWanted> = {},
): Promise<Message[]> {
  const { grams, some } = queryOf(text)
  const found: Message[] = []
  let below: MessagesWanted['below'] = null
  do {
    const plain = {
      user: user.id,
      grams,
      some,
      room: null,
      sender: null,
      files: false,
      from: null,
      until: null,
      limit: 50,
    }
    const page = await store.findMessages({ ...plain, ...more, below })
    expect(page.messages.length).toBeLessThanOrEqual(more.limit ?? 50)
    found.push(...page.messages)
    below = page.below
  } while (below !== null)
  return found
}

/** What `SearchIndex` promises. */
export function searchIndexContract(make: MakeStores): void {
  describe('a search index', () => {
    let world: World
    let ann: User
    let bob: User
    let eve: User
    let room: Room
    /** A word that no other test has said. */
    let word: string
    let count = 0
    beforeAll(async () => {
      world = new World(await make())
      ;[ann, bob, eve] = (await world.users(3)) as [User, User, User]
      room = await world.room([ann, bob], 'private')
    })
    beforeEach(async () => {
      await indexAll(world.store)
      word = `w${(1_000_000 + ++count).toString(36)}${world.name('x').split('-')[1]}`
    })

    const say = async (text: string, by = ann, where = room) =>
      present((await world.send(where, by, text))[0])
    const bodies = async (user: User, text = word, more: Partial<MessagesWanted> = {}) =>
      (await searched(world.other, user, text, more)).map(({ body }) => body)

    test('finds a message by any part of its words, whatever their case, once it is indexed', async () => {
      const sent = await say(`Say ${word}er, ${word}! 你好世界 ok`)
      expect(await bodies(ann)).toEqual([])
      await indexAll(world.other)
      const found = await searched(world.store, bob, word)
      expect(found).toEqual([sent])
      for (const part of [word.toUpperCase(), word.slice(1, 5), `${word}er`, `好世 ${word}`, `ok ${word}`]) {
        expect(await bodies(bob, part)).toContain(sent.body)
      }
    })

    test('finds two letters, one character of Chinese, and emoji', async () => {
      const sent = await say('쀍ʇʊ')
      const other = await say('🦖🪁')
      await indexAll(world.store)
      expect(await bodies(ann, '쀍')).toEqual([sent.body])
      expect(await bodies(ann, 'ʇʊ')).toEqual([sent.body])
      expect(await bodies(ann, '🪁')).toEqual([other.body])
      expect(await bodies(ann, '🦖🪁')).toEqual([other.body])
    })

    test('returns the newest first, each once over all pages', async () => {
      const sent = await world.send(room, ann, ...Array.from({ length: 25 }, (_, n) => `${word} ${n}`))
      await indexAll(world.store)
      for (const limit of [1, 4, 25, 26]) {
        expect(await searched(world.other, bob, word, { limit })).toEqual(sent.toReversed())
      }
    })

    test('shows private rooms and direct chats to their members only, and public rooms to everyone', async () => {
      const open = await world.room([bob], 'public')
      const { room: direct } = await world.store.openDirect(ann.id, bob.id)
      await say(`${word} private`)
      await say(`${word} public`, bob, open)
      await say(`${word} direct`, bob, direct)
      await world.invite(room, ann, eve)
      await indexAll(world.store)
      expect(await bodies(ann)).toEqual([`${word} direct`, `${word} public`, `${word} private`])
      expect(await bodies(eve)).toEqual([`${word} public`])
      expect(await bodies(eve, word, { room: room.id })).toEqual([])
      expect(await bodies(eve, word, { room: open.id })).toEqual([`${word} public`])
    })

    test('shows a room no longer once the user has left it, and again when they are back', async () => {
      await say(word)
      await indexAll(world.store)
      await world.join(room, eve).catch(() => undefined)
      await world.invite(room, ann, eve)
      await world.join(room, eve)
      expect(await bodies(eve)).toEqual([word])
      await world.leave(room, eve)
      expect(await bodies(eve)).toEqual([])
      expect(await bodies(eve, word, { room: room.id })).toEqual([])
    })

    test('does not show the messages of a deleted room', async () => {
      const other = await world.room([ann, bob], 'public')
      await say(word, ann, other)
      await indexAll(world.store)
      expect(await bodies(bob)).toEqual([word])
      await world.store.deleteRoom(await world.accessFacts(other, ann), ann.id)
      expect(await bodies(bob)).toEqual([])
      expect(await bodies(bob, word, { room: other.id })).toEqual([])
    })

    test('narrows by room, sender and time', async () => {
      const other = await world.room([ann, bob], 'private')
      const first = await say(`${word} 1`, ann)
      await say(`${word} 2`, bob)
      await say(`${word} 3`, ann, other)
      await indexAll(world.store)
      expect(await bodies(ann, word, { room: other.id })).toEqual([`${word} 3`])
      expect(await bodies(ann, word, { sender: bob.id })).toEqual([`${word} 2`])
      expect(await bodies(ann, word, { sender: ann.id, room: room.id })).toEqual([`${word} 1`])
      const [past, future] = [-3_600_000, 3_600_000].map((ms) => new Date(first.createdAt.getTime() + ms))
      expect(await bodies(ann, word, { from: present(past), until: present(future) })).toHaveLength(3)
      expect(await bodies(ann, word, { until: present(past) })).toEqual([])
      expect(await bodies(ann, word, { from: present(future) })).toEqual([])
    })

    test('finds what was edited by its former words no longer, and by the new ones once they are indexed', async () => {
      const sent = await say(`${word} before`)
      await indexAll(world.store)
      await world.revise(room, ann, sent, `${word} after`)
      expect(await bodies(ann)).toEqual([])
      await indexAll(world.other)
      expect(await bodies(ann, `${word} after`)).toEqual([`${word} after`])
      expect(
        (await world.store.findMessages({ ...wanted(`before ${word}`), user: ann.id })).messages,
      ).toEqual([])
    })

    test('finds what was deleted no longer, also if it was being indexed at the time', async () => {
      const [one, two] = [await say(`${word} 1`), await say(`${word} 2`)]
      await indexAll(world.store)
      await world.revise(room, ann, one, null)
      expect(await bodies(ann)).toEqual([two.body])
      const three = await say(`${word} 3`)
      const work = present(await world.store.unindexed())
      expect(work.messages.map(({ id }) => id)).toContain(three.id)
      await world.revise(room, ann, three, null)
      await index(world.store, work)
      expect(await world.other.unindexed()).toBeNull()
      expect(await bodies(ann)).toEqual([two.body])
    })

    test('indexes the new words of what was edited while it was being indexed', async () => {
      const sent = await say(`${word} before`)
      const work = present(await world.store.unindexed())
      await world.revise(room, ann, sent, `${word} after`)
      await index(world.store, work)
      expect(await bodies(ann)).toEqual([])
      await indexAll(world.other)
      expect(await bodies(ann)).toEqual([`${word} after`])
    })

    test('gives the same messages to one node at a time', async () => {
      const sent = await say(word)
      const work = present(await world.store.unindexed())
      expect(work.messages.map(({ id }) => id)).toEqual([sent.id])
      expect(await world.other.unindexed()).toBeNull()
      // What a node has claimed and could not finish.
      await world.store.index({ messages: [], done: [], open: work.done }, [])
      const again = present(await world.other.unindexed())
      expect(again.messages).toEqual(work.messages)
      await Promise.all([index(world.other, again), index(world.store, work)])
      expect(await bodies(ann)).toEqual([word])
      expect(await world.other.unindexed()).toBeNull()
    })

    test('finds messages with files, also after what is said with them was edited', async () => {
      const [draft, plain] = [`${word} with a file`, `${word} without`].map((body) =>
        world.draft(room, ann, { body }),
      )
      const file = await world.store.addAttachment(
        {
          ...{
            room: room.id,
            uploader: ann.id,
            key: world.name('file'),
            name: 'plan.txt',
            type: 'text/plain',
            size: 1,
          },
          ...{ width: null, height: null, placeholder: null, hasThumbnail: false },
        },
        UPLOADS,
      )
      if (typeof file !== 'number') throw new Error('the limits do not allow it')
      await world.store.storedAttachment(file)
      const details = { attachments: [file] }
      await world.store.append(0, batchOf([{ ...present(draft), details }, present(plain)]))
      await indexAll(world.store)
      const [sent] = await searched(world.other, bob, word, { files: true })
      expect(sent?.body).toBe(`${word} with a file`)
      expect(await bodies(bob, word, { files: true })).toHaveLength(1)
      expect(await bodies(bob)).toHaveLength(2)
      await world.revise(room, ann, present(sent), `${word} edited`)
      await indexAll(world.store)
      expect(await bodies(bob, word, { files: true })).toEqual([`${word} edited`])
    })

    test('goes through much text in pieces', async () => {
      const long = Array.from({ length: 12 }, (_, n) => `${word} ${n} ${'long '.repeat(800)}`)
      await world.send(room, ann, ...long)
      const first = present(await world.store.unindexed())
      expect(first.messages.length).toBeLessThan(12)
      await index(world.store, first)
      await indexAll(world.store)
      expect(await bodies(bob, word, { limit: 7 })).toEqual(long.toReversed())
    })

    test('finds what was appended beside a retry', async () => {
      // A lane of its own: after a retry it appends draft by draft for a while.
      const [log, lane] = present(world.lanes.at(-1))
      const draft = world.draft(room, ann, { body: `${word} 1` })
      await log.append(lane, batchOf([draft]))
      const result = await log.append(lane, batchOf([draft, world.draft(room, bob, { body: `${word} 2` })]))
      expect(verdictsOf(result)).toEqual(['retry', 'sent'])
      await indexAll(world.store)
      expect(await bodies(ann)).toEqual([`${word} 2`, `${word} 1`])
    })

    function wanted(text: string): Omit<MessagesWanted, 'user'> {
      const { grams, some } = queryOf(text)
      return {
        grams,
        some,
        room: null,
        sender: null,
        files: false,
        from: null,
        until: null,
        below: null,
        limit: 50,
      }
    }
  })
}
