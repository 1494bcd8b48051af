import { beforeAll, describe, expect, test } from 'bun:test'
import {
  type BatchResult,
  type MessageLog,
  type Posting,
  type Role,
  type Room,
  type Store,
  type User,
  WriteConflict,
} from '../../src/core/index.ts'
import { id, present, seq } from '../core/fakes/values.ts'
import { until } from '../support/until.ts'
import { batchOf, type MakeStores, verdictsOf, World } from './world.ts'

const HOUR_MS = 3_600_000
const EVERYTHING = { after: 0, limit: 100 }

/** What `ModerationRegister` and `BlockRegister` promise, and what the writes of other ports make of it. */
export function moderationContract(make: MakeStores): void {
  describe('moderation', () => {
    let world: World
    let [ann, adam, bob, cid]: User[] = []
    let room: Room
    beforeAll(async () => {
      world = new World(await make())
    })

    async function begin(): Promise<{ ann: User; adam: User; bob: User; cid: User }> {
      const [one, two, three, four] = await world.users(4)
      ann = present(one)
      adam = present(two)
      bob = present(three)
      cid = present(four)
      room = await world.room([ann, adam, bob])
      await world.change(room, ann, adam, 'role', 'admin')
      return { ann, adam, bob, cid }
    }

    /** Sends one message each, in one batch. */
    function sends(users: readonly User[], log: MessageLog = world.store, lane = 0): Promise<BatchResult> {
      return log.append(lane, batchOf(users.map((user) => world.draft(room, user))))
    }

    async function verdicts(users: readonly User[], log: MessageLog = world.store) {
      return verdictsOf(await sends(users, log))
    }

    /** Sends through every lane of both nodes, which have seen that the user may. */
    async function verdictsEverywhere(user: User): Promise<string[]> {
      const found: string[] = []
      for (const [log, lane] of world.lanes) found.push(...verdictsOf(await sends([user], log, lane)))
      return [...new Set(found)]
    }

    async function eventsAfter(after: number, store: Store = world.other) {
      const changes = present(await store.changes(room.id, seq(after), 200))
      return changes.events.filter(({ type }) => type !== 'message')
    }

    test('a ban ends the membership, then tells the ban, and keeps the user out until it is lifted', async () => {
      const { ann, bob, adam } = await begin()
      expect(await verdictsEverywhere(bob)).toEqual(['sent'])
      const before = (await world.now(room)).lastSeq
      const until = new Date(Date.now() + HOUR_MS)
      const { event, ended } = present(await world.restrain(room, ann, bob, 'banned', until))
      expect(event).toMatchObject({ type: 'banned', seq: before + 2, user: { id: bob.id }, until })
      expect(ended?.event).toMatchObject({
        type: 'removed',
        seq: before + 1,
        user: { id: bob.id },
        role: null,
      })
      expect(await eventsAfter(before)).toEqual([present(ended).event, event])
      expect(await world.now(room)).toMatchObject({ lastSeq: before + 2, memberCount: 2 })
      expect(await world.accessFacts(room, bob)).toMatchObject({ role: null, invited: false, ban: { until } })
      expect(await world.other.view({ id: room.id }, bob.id)).toMatchObject({ role: null, ban: { until } })
      expect(await verdictsEverywhere(bob)).toEqual(['not_member'])

      const banned = { kind: 'forbidden', restraint: 'banned' }
      await expect(world.join(room, bob)).rejects.toMatchObject(banned)
      const refusal = await world.join(room, bob).catch((error: unknown) => error)
      expect(refusal).toMatchObject({ retryAfterMs: expect.any(Number) })
      for (const inviter of [ann, adam]) {
        await expect(world.invite(room, inviter, bob)).rejects.toMatchObject({
          kind: 'forbidden',
          restraint: null,
        })
      }
      const listed = await world.other.restrained('bans', room.id, EVERYTHING)
      expect(listed).toEqual([{ user: ref(bob), actor: ref(ann), reason: 'a reason', until, at: event.at }])

      const lifted = present(await world.restrain(room, adam, bob, 'unbanned'))
      expect(lifted).toMatchObject({ event: { type: 'unbanned', until: null }, ended: null })
      expect(await world.restrain(room, adam, bob, 'unbanned')).toBeNull()
      expect(await world.other.restrained('bans', room.id, EVERYTHING)).toEqual([])
      await world.join(room, bob)
      expect(await verdictsEverywhere(bob)).toEqual(['sent'])
    })

    test('a ban ends an invitation, and needs no membership', async () => {
      const { ann, bob, cid } = await begin()
      await world.invite(room, bob, cid)
      const before = (await world.now(room)).lastSeq
      const { event, ended } = present(await world.restrain(room, ann, cid, 'banned'))
      expect([ended?.event.type, ended?.event.seq, event.seq]).toEqual([
        'uninvited',
        seq(before + 1),
        seq(before + 2),
      ])
      expect(await world.accessFacts(room, cid)).toMatchObject({ invited: false, ban: { until: null } })
      const again = present(await world.restrain(room, ann, cid, 'banned'))
      expect(again).toMatchObject({ event: { seq: before + 3 }, ended: null })
      expect(await world.now(room)).toMatchObject({ memberCount: 3, lastSeq: before + 3 })
    })

    test('a ban that has ended keeps nobody out, and is not listed', async () => {
      const { ann, bob } = await begin()
      await world.restrain(room, ann, bob, 'banned', new Date(Date.now() + 50))
      await until(async () => (await world.accessFacts(room, bob)).ban === undefined, 'the end of the ban')
      expect(await world.other.restrained('bans', room.id, EVERYTHING)).toEqual([])
      await world.join(room, bob)
    })

    test('a muted member sends, edits and reacts through no node, until the mute is lifted', async () => {
      const { ann, bob } = await begin()
      const [said] = await world.send(room, bob, 'before')
      expect(await verdictsEverywhere(bob)).toEqual(['sent'])
      const end = new Date(Date.now() + HOUR_MS)
      const { event, ended } = present(await world.restrain(room, ann, bob, 'muted', end))
      expect([event.type, event.until, ended]).toEqual(['muted', end, null])
      expect(await verdictsEverywhere(bob)).toEqual(['muted'])
      const { waits = [] } = await sends([bob])
      expect(waits[0]).toBeWithin(HOUR_MS - 60_000, HOUR_MS + 1)
      await expect(world.revise(room, bob, present(said), 'after')).rejects.toMatchObject({
        kind: 'forbidden',
        restraint: 'muted',
      })
      const wanted = [{ message: present(said).seq, user: bob.id, reaction: '+1', on: true }]
      const bounds = { windowMs: 0, own: 20, kinds: 50 }
      expect((await world.store.react(room.id, wanted, bounds)).verdicts).toEqual(['muted'])
      expect(await world.accessFacts(room, bob)).toMatchObject({ role: 'member', mute: { until: end } })
      const snapshot = present(await world.other.snapshot(room.id, bob.id, 1, 10))
      expect(snapshot.view.mute).toEqual({ until: end })
      expect(await world.other.restrained('mutes', room.id, EVERYTHING)).toMatchObject([{ until: end }])

      // Leaving and coming back does not end it.
      await world.leave(room, bob)
      expect(await verdicts([bob])).toEqual(['not_member'])
      await world.join(room, bob)
      expect(await verdictsEverywhere(bob)).toEqual(['muted'])
      // Deleting one's own words is no speech.
      await world.revise(room, bob, present(said), null)

      await world.restrain(room, ann, bob, 'unmuted')
      expect(await world.restrain(room, ann, bob, 'unmuted')).toBeNull()
      expect(await verdictsEverywhere(bob)).toEqual(['sent'])
    })

    test('a mute ends by itself, without a change of the room', async () => {
      const { ann, bob } = await begin()
      await world.restrain(room, ann, bob, 'muted', new Date(Date.now() + 100))
      const { lastSeq } = await world.now(room)
      expect(await verdicts([bob])).toEqual(['muted'])
      await until(async () => (await verdicts([bob]))[0] === 'sent', 'the end of the mute')
      expect((await world.now(room)).lastSeq).toBe(seq(lastSeq + 1))
    })

    test('who becomes the owner is not muted any more', async () => {
      const { ann, adam, bob } = await begin()
      await world.restrain(room, ann, bob, 'muted')
      await world.restrain(room, ann, adam, 'muted')
      await world.changes(room, ann, bob, 'role', 'owner')
      expect(await verdicts([bob])).toEqual(['sent'])
      await world.changes(room, bob, bob, 'left', null)
      // The admin who joined first inherits.
      expect(await verdicts([ann])).toEqual(['sent'])
      expect(await verdicts([adam])).toEqual(['muted'])
    })

    test('where only the staff may post, a member is refused through every node, and one who is demoted as well', async () => {
      const { ann, adam, bob } = await begin()
      const [said] = await world.send(room, bob, 'before')
      expect(await verdictsEverywhere(bob)).toEqual(['sent'])
      expect(await verdictsEverywhere(adam)).toEqual(['sent'])
      const event = await world.setRules(room, ann, { posting: 'staff' })
      expect(event).toMatchObject({ type: 'rules', posting: 'staff', slowMode: 0 })
      expect(await world.now(room)).toMatchObject({ posting: 'staff', lastSeq: event.seq })
      expect((await eventsAfter(event.seq - 1)).at(-1)).toEqual(event)
      expect(await verdictsEverywhere(bob)).toEqual(['posting_restricted'])
      expect(await verdictsEverywhere(adam)).toEqual(['sent'])
      await expect(world.revise(room, bob, present(said), 'after')).rejects.toMatchObject({
        restraint: 'posting_restricted',
      })
      await world.change(room, ann, adam, 'role', 'member')
      expect(await verdictsEverywhere(adam)).toEqual(['posting_restricted'])
      await world.change(room, ann, adam, 'role', 'admin')
      expect(await verdictsEverywhere(adam)).toEqual(['sent'])
      await world.setRules(room, ann, { posting: 'everyone' })
      expect(await verdictsEverywhere(bob)).toEqual(['sent'])
    })

    test('slow mode lets a member send once in a while over all nodes, and the staff as they like', async () => {
      const { ann, adam, bob } = await begin()
      await world.setRules(room, ann, { slowMode: 600 })
      expect(await verdicts([bob, adam, bob, adam, ann])).toEqual([
        'sent',
        'sent',
        'slow_mode',
        'sent',
        'sent',
      ])
      expect(await verdictsEverywhere(bob)).toEqual(['slow_mode'])
      expect(await verdictsEverywhere(adam)).toEqual(['sent'])
      const { waits = [] } = await sends([bob], world.other)
      expect(waits[0]).toBeWithin(500_000, 600_001)
      await world.setRules(room, ann, { slowMode: 1 })
      await until(async () => (await verdicts([bob], world.other))[0] === 'sent', 'the next turn')
      expect(await verdicts([bob])).toEqual(['slow_mode'])
      await world.setRules(room, ann, { slowMode: 0 })
      expect(await verdicts([bob, bob, bob])).toEqual(['sent', 'sent', 'sent'])
    })

    test('what is refused in slow mode for another reason takes no turn, and a retry neither', async () => {
      const { ann, bob } = await begin()
      await world.setRules(room, ann, { slowMode: 600 })
      const wrong = world.draft(room, bob, { replyTo: seq(999) })
      expect(verdictsOf(await world.store.append(0, batchOf([wrong])))).toEqual(['no_target'])
      const lacking = { details: { attachments: [id(999_999_999)] } }
      const unstored = batchOf([world.draft(room, bob, lacking)])
      expect(verdictsOf(await world.store.append(0, unstored))).toEqual(['no_attachment'])
      const right = batchOf([world.draft(room, bob)])
      expect(verdictsOf(await world.store.append(0, right))).toEqual(['sent'])
      expect(verdictsOf(await world.other.append(0, right))).toEqual(['retry'])
    })

    test('refusals in one room do not touch the batch’s other rooms', async () => {
      const { ann, bob } = await begin()
      const elsewhere = await world.room([bob])
      await world.restrain(room, ann, bob, 'muted')
      const drafts = [world.draft(room, bob), world.draft(elsewhere, bob), world.draft(room, ann)]
      const batch = batchOf(drafts)
      const byRoom = new Map(
        verdictsOf(await world.store.append(0, batch)).map((verdict, index) => {
          const draft = present(batch.drafts[index])
          return [`${draft.roomId} ${draft.sender.id}`, verdict]
        }),
      )
      expect(byRoom).toEqual(
        new Map([
          [`${room.id} ${bob.id}`, 'muted'],
          [`${room.id} ${ann.id}`, 'sent'],
          [`${elsewhere.id} ${bob.id}`, 'sent'],
        ]),
      )
    })

    test('after a ban or a mute no later number is the user’s, however many send at once on both nodes', async () => {
      for (const change of ['banned', 'muted'] as const) {
        const { ann, bob } = await begin()
        let ended = false
        const senders = world.lanes.map(async ([log, lane]) => {
          for (let i = 0; i < 200 && !ended; i++) await sends([bob, ann, bob], log, lane)
        })
        await until(async () => (await world.now(room)).lastSeq > 20, 'some messages')
        const { event } = present(await retried(() => world.restrain(room, ann, bob, change)))
        await until(async () => (await world.now(room)).lastSeq > event.seq + 10, 'more messages')
        ended = true
        await Promise.all(senders)
        const page = await world.other.history(room.id, { after: event.seq }, 1000, { tombstones: true })
        expect(page.messages.length).toBeGreaterThan(5)
        expect(page.messages.filter(({ sender }) => sender.id === bob.id)).toEqual([])
      }
    })

    test('who may send agrees with a model after any acts', async () => {
      const { ann, adam, bob, cid } = await begin()
      const random = seeded(7)
      const roles = new Map<User, Role | null>([
        [ann, 'owner'],
        [adam, 'admin'],
        [bob, 'member'],
        [cid, null],
      ])
      const bans = new Set<User>()
      const mutes = new Set<User>()
      let posting: Posting = 'everyone'
      const others = [adam, bob, cid]
      const acts: Record<string, (user: User) => Promise<void>> = {
        async ban(user) {
          await world.restrain(room, ann, user, 'banned')
          bans.add(user)
          roles.set(user, null)
        },
        async unban(user) {
          expect((await world.restrain(room, ann, user, 'unbanned')) !== null).toBe(bans.delete(user))
        },
        async mute(user) {
          if (roles.get(user) === null) return
          await world.restrain(room, ann, user, 'muted')
          mutes.add(user)
        },
        async unmute(user) {
          expect((await world.restrain(room, ann, user, 'unmuted')) !== null).toBe(mutes.delete(user))
        },
        async join(user) {
          if (roles.get(user) !== null) return
          const joins = world.join(room, user).then(
            () => true,
            () => false,
          )
          expect(await joins).toBe(!bans.has(user))
          if (!bans.has(user)) roles.set(user, 'member')
        },
        async leave(user) {
          if (roles.get(user) === null) return
          await world.leave(room, user)
          roles.set(user, null)
        },
        async promote(user) {
          if (roles.get(user) !== 'member') return
          await world.change(room, ann, user, 'role', 'admin')
          roles.set(user, 'admin')
        },
        async demote(user) {
          if (roles.get(user) !== 'admin') return
          await world.change(room, ann, user, 'role', 'member')
          roles.set(user, 'member')
        },
        async rules() {
          posting = posting === 'everyone' ? 'staff' : 'everyone'
          await world.setRules(room, ann, { posting })
        },
      }
      const expected = (user: User) => {
        const role = roles.get(user)
        if (role === null || role === undefined) return 'not_member'
        if (mutes.has(user)) return 'muted'
        return posting === 'staff' && role === 'member' ? 'posting_restricted' : 'sent'
      }
      const names = Object.keys(acts)
      for (let step = 0; step < 150; step++) {
        const name = present(names[Math.floor(random() * names.length)])
        const user = present(others[Math.floor(random() * others.length)])
        await present(acts[name])(user)
        const log = random() < 0.5 ? world.store : world.other
        const some = random() < 0.5 ? [user] : [ann, ...others]
        expect([step, name, ...(await verdicts(some, log))]).toEqual([step, name, ...some.map(expected)])
      }
    })

    test('a block closes the direct chat for both, and only opens again when neither blocks the other', async () => {
      const { ann, bob } = await begin()
      room = (await world.store.openDirect(ann.id, bob.id)).room
      const [said] = await world.send(room, bob, 'before')
      expect(await verdictsEverywhere(bob)).toEqual(['sent'])
      const { changed, event } = await world.store.block(ann, bob.id, true, 10)
      expect([changed, event?.type, event?.posting]).toEqual([true, 'rules', 'nobody'])
      expect(await eventsAfter(present(event).seq - 1)).toEqual([present(event)])
      expect(await world.store.block(ann, bob.id, true, 10)).toEqual({ changed: false, event: null })
      for (const each of [ann, bob]) expect(await verdictsEverywhere(each)).toEqual(['blocked'])
      await expect(world.revise(room, bob, present(said), 'after')).rejects.toMatchObject({
        restraint: 'blocked',
      })
      const wanted = [{ message: present(said).seq, user: bob.id, reaction: '+1', on: true }]
      const bounds = { windowMs: 0, own: 20, kinds: 50 }
      expect((await world.store.react(room.id, wanted, bounds)).verdicts).toEqual(['blocked'])
      // The chat that is there can still be found.
      expect((await world.other.openDirect(bob.id, ann.id)).room.id).toBe(room.id)

      expect(await world.other.block(bob, ann.id, true, 10)).toEqual({ changed: true, event: null })
      expect(await world.store.block(ann, bob.id, false, 10)).toEqual({ changed: true, event: null })
      expect(await verdictsEverywhere(ann)).toEqual(['blocked'])
      expect((await world.store.block(bob, ann.id, false, 10)).event?.posting).toBe('everyone')
      expect(await verdictsEverywhere(bob)).toEqual(['sent'])
      expect(await world.store.block(bob, ann.id, false, 10)).toEqual({ changed: false, event: null })
    })

    test('while one of two users blocks the other, they open no direct chat, even at the same moment', async () => {
      const { ann, bob, cid } = await begin()
      await world.store.block(ann, bob.id, true, 10)
      const blocked = { kind: 'forbidden', restraint: 'blocked' }
      await expect(world.store.openDirect(ann.id, bob.id)).rejects.toMatchObject(blocked)
      await expect(world.store.openDirect(bob.id, ann.id)).rejects.toMatchObject(blocked)
      for (let i = 0; i < 10; i++) {
        const [one, other] = await world.pair()
        const [, opened] = await Promise.all([
          world.store.block(one, other.id, true, 10),
          world.other.openDirect(other.id, one.id).catch(() => null),
        ])
        if (opened === null) continue
        room = opened.room
        expect(await verdicts([one, other])).toEqual(['blocked', 'blocked'])
      }
      await world.store.openDirect(ann.id, cid.id)
    })

    test('a blocked user invites the blocker neither to a room nor to a new one; others do', async () => {
      const { ann, bob, cid } = await begin()
      await world.store.block(cid, bob.id, true, 10)
      const blocked = { kind: 'forbidden', restraint: 'blocked' }
      await expect(world.invite(room, bob, cid)).rejects.toMatchObject(blocked)
      const plain = { kind: 'private', description: '', avatar: '' } as const
      const made = world.store.createRoom({
        name: world.name('room'),
        creator: bob,
        invited: [cid.id],
        ...plain,
      })
      await expect(made).rejects.toMatchObject(blocked)
      expect(await world.invite(room, ann, cid)).toHaveLength(1)
    })

    test('blocks are listed by id, in pages, and bounded', async () => {
      const [one, ...others] = (await world.users(4)).sort((a, b) => a.id - b.id)
      const user = present(one)
      for (const other of others) {
        const written = world.store.block(user, other.id, true, 2)
        if (other === others[2]) await expect(written).rejects.toMatchObject({ kind: 'conflict' })
        else await written
      }
      const ids = others.slice(0, 2).map((other) => other.id)
      const listed = await world.other.blocked(user.id, EVERYTHING)
      expect(listed.map((each) => each.user.id)).toEqual(ids)
      expect(await world.other.blocked(user.id, { after: present(ids[0]), limit: 1 })).toEqual(
        listed.slice(1),
      )
      // One that is there already is no further one.
      expect(await world.store.block(user, present(ids[0]), true, 2)).toEqual({ changed: false, event: null })
    })

    test('a message is reported once by each user, listed while open, and closed', async () => {
      const { ann, bob, cid } = await begin()
      const [said, other] = await world.send(room, ann, 'words', 'others')
      const { seq: at } = present(said)
      const first = present(await world.store.report(room.id, at, bob.id, 'spam'))
      expect(await world.other.report(room.id, at, bob.id, 'again')).toBe(first)
      const second = present(await world.store.report(room.id, at, cid.id, 'me too'))
      const third = present(await world.store.report(room.id, present(other).seq, cid.id, ''))
      expect(await world.store.report(room.id, seq(999), bob.id, 'nothing')).toBeNull()
      const open = await world.other.reports(room.id, true, EVERYTHING)
      expect(open).toMatchObject([
        { id: first, message: at, reporter: ref(bob), reason: 'spam', resolved: null },
        { id: second, message: at, reporter: ref(cid), reason: 'me too', resolved: null },
        { id: third, reason: '' },
      ])
      expect(await world.other.reports(room.id, true, { after: first, limit: 1 })).toEqual(open.slice(1, 2))
      const closed = await world.store.resolve(room.id, second, ann, 'acted')
      expect(closed).toMatchObject({ id: second, resolved: { by: ref(ann), outcome: 'acted' } })
      expect(await world.store.resolve(room.id, 999_999_999, ann, 'acted')).toBeNull()
      const elsewhere = await world.room([ann])
      expect(await world.store.resolve(elsewhere.id, first, ann, 'acted')).toBeNull()
      const left = await world.other.reports(room.id, true, EVERYTHING)
      expect(left.map((each) => each.id)).toEqual([first, third])
      expect(await world.other.reports(room.id, false, EVERYTHING)).toHaveLength(3)
      await world.revise(room, ann, present(other), null)
      expect(await world.store.report(room.id, present(other).seq, bob.id, 'gone')).toBeNull()
    })

    test('the audit log has what the staff does to others, the latest first, and nothing else', async () => {
      const { ann, adam, bob, cid } = await begin()
      const [said] = await world.send(room, bob, 'words')
      const [own] = await world.send(room, ann, 'own')
      await world.revise(room, ann, present(own), null)
      await world.revise(room, adam, present(said), null)
      const end = new Date(Date.now() + HOUR_MS)
      await world.restrain(room, adam, bob, 'muted', end)
      await world.restrain(room, adam, bob, 'unmuted')
      await world.store.describe(await world.accessFacts(room, ann), ann, { description: 'new' })
      await world.setRules(room, ann, { slowMode: 5 })
      await world.remove(room, ann, bob)
      await world.join(room, cid)
      await world.leave(room, cid)
      await world.restrain(room, ann, cid, 'banned')
      const log = await world.other.audit(room.id, EVERYTHING)
      const shown = log.map(({ actor, action, user, message }) => [
        actor.id,
        action,
        user?.id ?? null,
        message,
      ])
      expect(shown).toEqual([
        [ann.id, 'ban', cid.id, null],
        [ann.id, 'remove', bob.id, null],
        [ann.id, 'rules', null, null],
        [ann.id, 'describe', null, null],
        [adam.id, 'unmute', bob.id, null],
        [adam.id, 'mute', bob.id, null],
        [adam.id, 'delete_message', bob.id, present(said).seq],
        [ann.id, 'role', adam.id, null],
      ])
      expect(log[5]?.detail).toEqual({ reason: 'a reason', until: end })
      expect(log[2]?.detail).toEqual({ posting: 'everyone', slowMode: 5 })
      expect(log[7]?.detail).toEqual({ role: 'admin' })
      const next = await world.other.audit(room.id, { after: present(log[2]).id, limit: 2 })
      expect(next).toEqual(log.slice(3, 5))
    })

    test('acts on facts that have changed meanwhile are refused', async () => {
      const { ann, adam, bob } = await begin()
      const [actorAccess, userAccess] = [
        await world.accessFacts(room, adam),
        await world.accessFacts(room, bob),
      ]
      await world.change(room, ann, bob, 'role', 'admin')
      const step = {
        change: 'banned',
        actor: adam,
        actorAccess,
        user: bob,
        userAccess,
        reason: '',
        until: null,
      } as const
      await expect(world.store.restrain(step)).rejects.toBeInstanceOf(WriteConflict)
      await world.change(room, ann, adam, 'role', 'member')
      await expect(world.store.setRules(actorAccess, adam, { posting: 'staff' })).rejects.toBeInstanceOf(
        WriteConflict,
      )
    })
  })
}

function ref({ id, username }: User) {
  return { id, username }
}

/** Repeats a change whose facts are changed by what happens at the same time. */
async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt === 20) throw error
    }
  }
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
