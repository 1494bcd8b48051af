import { beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  type Mentions,
  type Message,
  type Room,
  type User,
  type UserId,
  usernameKey,
} from '../../src/core/index.ts'
import { present, seq } from '../core/fakes/values.ts'
import { batchOf, type MakeStores, World } from './world.ts'

const NOBODY: Mentions = { users: [], room: false, online: false, ignored: [] }

/** What `MentionFinder` promises, and how mentions are written and counted. */
export function mentionFinderContract(make: MakeStores): void {
  describe('mentions', () => {
    let world: World
    let room: Room
    beforeAll(async () => {
      world = new World(await make())
    })

    async function people(): Promise<[User, User, User, User]> {
      const [a, b, c, d] = await world.users(4)
      const all: [User, User, User, User] = [present(a), present(b), present(c), present(d)]
      room = await world.room([all[0], all[1], all[2]])
      return all
    }

    /** Sends a message that mentions these. */
    async function mention(
      sender: User,
      users: readonly User[],
      more: Partial<Mentions> = {},
      online: User[] = [],
    ) {
      const refs = users.map(({ id, username }) => ({ id, username }))
      const mentions = { ...NOBODY, users: refs, ...more }
      const draft = world.draft(room, sender, { details: { mentions }, reached: online.map(({ id }) => id) })
      const { seqs } = await world.store.append(0, batchOf([draft]))
      const message = await world.read(room, { seq: present(seqs[0]) })
      expect(message.details).toEqual({ mentions })
      return message
    }

    /** The count of unread mentions, which must be the same wherever it is read. */
    async function count(user: User): Promise<number> {
      const { store, other } = world
      const at = { room: room.id, user: user.id }
      const view = present(await store.view({ id: room.id }, user.id))
      const listed = await other.unreadRooms(user.id, { after: room.id - 1, limit: 1 })
      const views = [
        present(await other.facts(room.id, user.id, 9)).view,
        present((await store.snapshotsOf([{ ...at, messages: 1 }], 9))[0]).view,
        present((await store.views(user.id, 'joined', { after: room.id - 1, limit: 1 }))[0]),
        present(await world.mark(room, user, 0)),
        { mentions: listed[0]?.room === room.id ? listed[0].mentions : 0 },
      ]
      for (const each of views) expect(each.mentions).toBe(view.mentions)
      return view.mentions
    }

    const listed = async (user: User) =>
      (await world.other.mentionsOf(user.id, { before: null, limit: 50 })).messages.map(
        (message) => message.seq,
      )

    test('finds members by id and by name, each once, and nobody else', async () => {
      const [a, b, c, d] = await people()
      const key = (user: User) => present(usernameKey(user.username))
      const found = await world.store.membersAmong([
        {
          room: room.id,
          sender: a.id,
          replyTo: null,
          users: [c.id, d.id, c.id],
          names: [[key(b)], [key(c)], ['nobody at all']],
        },
        {
          room: room.id,
          sender: a.id,
          replyTo: null,
          users: [],
          names: [[`${key(a)}.`, key(a)], [key(d)], [key(b), key(c)]],
        },
        { room: room.id, sender: a.id, replyTo: null, users: [], names: [] },
      ])
      const ids = found.map((some) => some.map(({ user }) => user.id))
      expect(ids).toEqual([[c.id, b.id], [a.id, b.id], []])
      expect(found[0]?.[1]).toEqual({ user: { id: b.id, username: b.username }, notified: true })
      expect(await world.store.membersAmong([])).toEqual([])
    })

    test('lists the members of a room, unless there are too many', async () => {
      const [a, b, c] = await people()
      const members = await world.store.membersOf({ room: room.id, user: a.id }, null, 3)
      expect(members?.map(({ user }) => user.id)).toEqual([a.id, b.id, c.id].sort((one, two) => one - two))
      expect(await world.store.membersOf({ room: room.id, user: a.id }, null, 2)).toBeNull()
    })

    test('are counted apart from unread messages, each message once, and not for its sender', async () => {
      const [a, b, c, d] = await people()
      expect(await count(b)).toBe(0)
      await mention(a, [a, b, d])
      const everyone = await mention(a, [b], { room: true })
      await mention(b, [], { online: true }, [b, c])
      await world.send(room, a, 'just words')
      expect([await count(a), await count(b), await count(c)]).toEqual([1 - 1, 2, 2])
      expect([await listed(a), await listed(b)]).toEqual([[], [seq(5), seq(4)]])
      await world.mark(room, b, everyone.seq)
      expect(await count(b)).toBe(0)
      expect(present(await world.store.view({ id: room.id }, b.id)).unread).toBe(1)
      expect(present(await world.store.view({ id: room.id }, d.id)).mentions).toBe(0)
    })

    test('of users whom the member blocks neither count nor are listed, whether by name, by @online or by @room', async () => {
      const [a, b, c] = await people()
      await world.store.block(b, a.id, true, 10)
      const named = await mention(a, [b, c])
      const everyones = await mention(a, [], { room: true })
      const online = await mention(a, [], { online: true }, [b, c])
      const others = await mention(c, [], { room: true })
      expect([await count(b), await count(c)]).toEqual([1, 3])
      expect(await listed(b)).toEqual([others.seq])
      expect(await listed(c)).toEqual([online.seq, everyones.seq, named.seq])
      const [first, second] = await Promise.all(
        [null, others.id].map((before) => world.other.mentionsOf(b.id, { before, limit: 1 })),
      )
      expect(present(first).messages.map((message) => message.seq)).toEqual([others.seq])
      // A page may be short.
      expect(present(second).messages).toEqual([])
      await world.store.block(b, a.id, false, 10)
      expect(await count(b)).toBe(2)
      expect(await listed(b)).toEqual([others.seq, everyones.seq])
    })

    test('follow edits and deletions, and keep the number of the message', async () => {
      const [a, b, c] = await people()
      const message = await mention(a, [b], { room: true, online: true }, [c])
      const edit = async (mentions: Mentions | null, reached: UserId[] | null = null) => {
        const now = await world.read(room, { seq: message.seq })
        const access = await world.accessFacts(room, a)
        const event = present(
          await world.store.revise(access, a.id, now, 'other words', { mentions }, reached),
        )
        expect(event.message.details?.mentions ?? null).toEqual(mentions)
        expect(await world.read(room, { seq: message.seq })).toEqual(event.message)
        return [await count(b), await count(c)]
      }
      const ref = ({ id, username }: User) => ({ id, username })
      expect([await count(b), await count(c)]).toEqual([1, 1])
      expect(await edit({ ...NOBODY, users: [ref(b)], online: true })).toEqual([1, 1])
      expect(await edit({ ...NOBODY, users: [ref(c)], online: true })).toEqual([0, 1])
      expect(await edit({ ...NOBODY, users: [ref(c)] })).toEqual([0, 1])
      expect(await edit(null)).toEqual([0, 0])
      expect(await edit({ ...NOBODY, online: true }, [b.id])).toEqual([1, 0])
      expect(await edit({ ...NOBODY, room: true })).toEqual([1, 1])
      expect(await listed(c)).toEqual([message.seq])
      await world.revise(room, a, await world.read(room, { seq: message.seq }), null)
      expect([await count(b), await count(c), await listed(c)]).toEqual([0, 0, []])
    })

    test('a retry mentions nobody twice', async () => {
      const [a, b] = await people()
      const mentions = { ...NOBODY, users: [{ id: b.id, username: b.username }], room: true }
      const draft = world.draft(room, a, { details: { mentions } })
      for (let i = 0; i < 3; i++) await world.store.append(0, batchOf([draft]))
      expect([await count(b), (await listed(b)).length]).toEqual([1, 1])
    })

    test('are listed over all rooms that the user is in, the latest first, in pages', async () => {
      const [a, b] = await people()
      const sent: Message[] = []
      const rooms = [room, await world.room([a, b]), await world.room([a, b], 'private')]
      for (let i = 0; i < 9; i++) {
        room = present(rooms[i % 3])
        sent.push(await mention(a, i % 2 === 0 ? [b] : [], i % 2 === 0 ? {} : { room: true }))
      }
      const read = async (limit: number) => {
        const all: Message[] = []
        let before: Message['id'] | null = null
        do {
          const page: Awaited<ReturnType<World['store']['mentionsOf']>> = await world.store.mentionsOf(b.id, {
            before,
            limit,
          })
          expect(page.messages.length).toBeLessThanOrEqual(limit)
          all.push(...page.messages)
          before = page.next
        } while (before !== null)
        return all
      }
      expect(await read(4)).toEqual(sent.toReversed())
      expect(await read(50)).toEqual(sent.toReversed())
      await world.leave(present(rooms[1]), b)
      const left = sent.filter(({ roomId }) => roomId !== rooms[1]?.id).toReversed()
      expect(await read(2)).toEqual(left)
      // What was said before they came back is not theirs.
      await world.join(present(rooms[1]), b)
      expect(await read(50)).toEqual(left)
    })

    test('equal a recount after any history', async () => {
      const acts = fc.array(
        fc.record({
          act: fc.constantFrom('send', 'send', 'send', 'edit', 'delete', 'read', 'leave', 'join'),
          who: fc.nat(2),
          named: fc.subarray([0, 1, 2]),
          online: fc.option(fc.subarray([0, 1, 2]), { nil: null }),
          room: fc.boolean(),
          at: fc.nat(30),
        }),
        { minLength: 10, maxLength: 25 },
      )
      await fc.assert(
        fc.asyncProperty(acts, async (history) => {
          const all = (await people()).slice(0, 3)
          /** By number: the sender, who is mentioned, and whether it was deleted. */
          const said = new Map<
            number,
            { sender: number; named: number[]; online: number[]; room: boolean; gone: boolean }
          >()
          const readTo = [0, 0, 0]
          const isIn = [true, true, true]
          const refs = (some: number[]) =>
            some.map((index) => present(all[index])).map(({ id, username }) => ({ id, username }))
          for (const { act, who, named, online, room: everyone, at } of history) {
            const user = present(all[who])
            const mentions = { ...NOBODY, users: refs(named), room: everyone, online: online !== null }
            const reached = refs(online ?? []).map(({ id }) => id)
            const target = [...said.keys()][at % Math.max(1, said.size)]
            const old = target === undefined ? undefined : said.get(target)
            if (act === 'send' && isIn[who]) {
              const draft = world.draft(room, user, { details: { mentions }, reached })
              const { seqs } = await (at % 2 === 0 ? world.store : world.other).append(0, batchOf([draft]))
              said.set(present(seqs[0]), {
                sender: who,
                named,
                online: online ?? [],
                room: everyone,
                gone: false,
              })
            } else if (
              (act === 'edit' || act === 'delete') &&
              old !== undefined &&
              target !== undefined &&
              !old.gone
            ) {
              const sender = present(all[old.sender])
              if (!isIn[old.sender]) continue
              const message = await world.read(room, { seq: seq(target) })
              const access = await world.accessFacts(room, sender)
              if (act === 'delete') {
                await world.other.revise(access, sender.id, message, null)
                old.gone = true
              } else {
                await world.other.revise(access, sender.id, message, 'edited', { mentions }, reached)
                Object.assign(old, {
                  named,
                  room: everyone,
                  online: online === null ? [] : [...old.online, ...online],
                })
              }
            } else if (act === 'read' && isIn[who]) {
              readTo[who] = present(await world.mark(room, user, at)).readSeq
            } else if (act === 'leave' && isIn[who] && who !== 0) {
              await world.leave(room, user)
              isIn[who] = false
            } else if (act === 'join' && !isIn[who]) {
              readTo[who] = (await world.join(room, user)).seq
              isIn[who] = true
            }
          }
          for (const [who, user] of all.entries()) {
            if (!isIn[who]) continue
            const mark = present(
              (await world.store.members(room.id, { after: 0, limit: 9 })).find((m) => m.user.id === user.id),
            ).readSeq
            const expected = [...said].filter(
              ([number, { sender, named, online, room: everyone, gone }]) =>
                number > mark &&
                sender !== who &&
                !gone &&
                (everyone || named.includes(who) || online.includes(who)),
            )
            expect(await count(user)).toBe(expected.length)
          }
        }),
        { numRuns: 12 },
      )
    }, 60_000)
  })
}
