import { beforeAll, describe, expect, test } from 'bun:test'
import { jsonText, type Message, type MessageDetails, START, WriteConflict } from '../../../src/core/index.ts'
import { present } from '../../core/fakes/values.ts'
import { batchOf, type MakeStores, verdictsOf, World } from '../world.ts'

/** What a message log promises of what messages carry besides their text. */
export function detailsContract(make: MakeStores): void {
  describe('details', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    const LARGE = jsonText({ note: `\\"{,}NULL\u0001 ${'long '.repeat(400)}` })
    const some: readonly (MessageDetails | null)[] = [
      null,
      { metadata: jsonText({ second: 1, first: [true, null, 1.5], 'with "quotes"': "it's {}," }) },
      null,
      { metadata: LARGE },
    ]

    test.each([
      ['at once', false],
      ['draft by draft', true],
    ])('a batch that is written %s keeps them, and every reading has them', async (_, carefully) => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann])
      const drafts = some.map((details) => world.draft(room, ann, { details }))
      // A stranger's draft makes the store decide draft by draft.
      const written = [...drafts, ...(carefully ? [world.draft(room, bob)] : [])]
      const result = await world.store.append(0, batchOf(written))
      expect(verdictsOf(result).slice(0, 4)).toEqual(['sent', 'sent', 'sent', 'sent'])
      const retry = await world.store.append(0, batchOf(drafts))
      expect(verdictsOf(retry)).toEqual(['retry', 'retry', 'retry', 'retry'])

      const one = await Promise.all(result.seqs.slice(0, 4).map((seq) => world.read(room, { seq })))
      const page = await world.store.history(room.id, 'latest', 10, { tombstones: false })
      const changes = await world.store.changes(room.id, START, 10)
      const snapshot = present(await world.store.snapshot(room.id, ann.id, 10, 10))
      const numbered = await world.store.numberedPage(room.id, 0, 10)
      const readings = [
        one,
        page.messages,
        present(changes).events.flatMap((event) => (event.type === 'message' ? event.message : [])),
        snapshot.messages,
        numbered.messages.toReversed(),
      ]
      for (const messages of readings) expect(messages.map(({ details }) => details)).toEqual([...some])
    })

    test('an edit keeps those that it does not name, replaces those that it gives, and removes those that are null', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const metadata = jsonText({ step: 1 })
      await world.store.append(0, batchOf([world.draft(room, ann, { details: { metadata } })]))
      const seq = present((await world.store.changes(room.id, START, 10))?.head)
      const edit = async (change: Parameters<World['revise']>[4]) => {
        const { message } = await world.revise(room, ann, await world.read(room, { seq }), 'other', change)
        expect(await world.read(room, { seq })).toEqual(message)
        return message.details
      }
      expect(await edit(null)).toEqual({ metadata })
      expect(await edit({})).toEqual({ metadata })
      expect(await edit({ metadata: LARGE })).toEqual({ metadata: LARGE })
      expect(await edit({ metadata: null })).toBeNull()
      expect(await edit({ metadata })).toEqual({ metadata })
    })

    test('an edit that keeps the text as it was read fails if another one has come in between', async () => {
      const [ann] = await world.pair()
      const room = await world.room([ann])
      const [sent] = await world.send(room, ann, 'one')
      const message = present(sent)
      const facts = await world.accessFacts(room, ann)
      const metadata = jsonText({ step: 1 })
      const keep = (read: Message) =>
        world.store.revise(facts, ann.id, read, read.body, { metadata }, null, true)
      expect(present(await keep(message)).message).toMatchObject({ body: 'one', details: { metadata } })
      await expect(keep(message)).rejects.toBeInstanceOf(WriteConflict)
      await world.revise(room, ann, message, 'two')
      const read = await world.read(room, { seq: message.seq })
      expect(present(await keep(read)).message).toMatchObject({ body: 'two', details: { metadata } })
      const stored = await world.read(room, { seq: message.seq })
      expect(stored).toMatchObject({ body: 'two', details: { metadata } })
    })

    test('a deletion leaves none', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      await world.store.append(0, batchOf([world.draft(room, ann, { details: { metadata: LARGE } })]))
      const [message] = (await world.store.history(room.id, 'latest', 1, { tombstones: false })).messages
      const event = await world.revise(room, ann, present(message), null, { metadata: LARGE })
      expect(event.message.details).toBeNull()
      expect((await world.read(room, { seq: present(message).seq })).details).toBeNull()
    })

    test('count as text where pages are bounded', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const drafts = Array.from({ length: 200 }, () =>
        world.draft(room, ann, { details: { metadata: LARGE } }),
      )
      await world.store.append(0, batchOf(drafts))
      const changes = present(await world.store.changes(room.id, START, 500))
      expect(changes.events.length).toBeLessThan(150)
      expect(changes.head).toBeLessThan(changes.readAt)
    })
  })
}
