import { beforeAll, describe, expect, test } from 'bun:test'
import type { ErrorKind, Room, User } from '../../src/core/index.ts'
import { useStores } from '../store/stores.ts'
import { LIST_LIMIT, RoomsRig, refOf } from './fakes/rooms-rig.ts'
import { id, present, seq } from './fakes/values.ts'

const make = useStores('postgres')
let rig: RoomsRig
let ann: User
let bob: User
let cid: User
let dan: User

beforeAll(async () => {
  rig = new RoomsRig(await make())
  ;[ann, bob, cid, dan] = [await rig.user(), await rig.user(), await rig.user(), await rig.user()]
})

describe('joining and leaving', () => {
  test('are announced to the room and to the user', async () => {
    const room = await rig.hear(await rig.room([ann]))
    expect(await rig.membership.join(room, bob)).toMatchObject({
      room: { memberCount: 2, lastSeq: seq(2) },
      role: 'member',
    })
    await rig.membership.join(room, bob)
    await rig.membership.leave(room, bob)
    expect(rig.delivered).toMatchObject([
      { seq: id(2), type: 'joined' },
      { seq: id(3), type: 'left' },
    ])
    expect(rig.news).toEqual([
      [room.id, bob.id, 'joined', 'member', bob.id],
      [room.id, bob.id, 'left', null, bob.id],
    ])
    expect(rig.signals[0]).toMatchObject({ user: refOf(bob), actor: refOf(bob) })
  })

  test('pass ownership on if the owner leaves, which is announced to the room and the new owner', async () => {
    const room = await rig.hear(await rig.room([ann, bob, cid]))
    await rig.membership.leave(room, ann)
    expect(rig.delivered.map((event) => event.seq)).toEqual([4, 5].map(id))
    expect(rig.news).toEqual([
      [room.id, ann.id, 'left', null, ann.id],
      [room.id, bob.id, 'role', 'owner', ann.id],
    ])
  })
})

describe('roles', () => {
  const setRole = (room: Room, actor: User, target: User, role: 'owner' | 'admin' | 'member') =>
    rig.membership.setRole(room, actor, target.id, role)

  test('are changed by the owner only', async () => {
    const room = await rig.hear(await rig.room([ann, bob, cid]))
    await setRole(room, ann, bob, 'admin')
    for (const actor of [bob, cid, dan]) {
      for (const role of ['owner', 'admin', 'member'] as const) {
        await refused(setRole(room, actor, cid, role), 'forbidden')
      }
    }
    await setRole(room, ann, bob, 'admin')
    await setRole(room, ann, bob, 'member')
    expect(rig.news.map(([, user, , role]) => [user, role])).toEqual([
      [bob.id, 'admin'],
      [bob.id, 'member'],
    ])
  })

  test('hand ownership over, which is announced to the room and both users', async () => {
    const room = await rig.hear(await rig.room([ann, bob]))
    await setRole(room, ann, bob, 'owner')
    expect(rig.delivered).toMatchObject([
      { seq: id(3), user: { id: bob.id }, role: 'owner' },
      { seq: id(4), user: { id: ann.id }, role: 'admin' },
    ])
    expect(rig.news).toEqual([
      [room.id, bob.id, 'role', 'owner', ann.id],
      [room.id, ann.id, 'role', 'admin', ann.id],
    ])
    await refused(setRole(room, ann, bob, 'admin'), 'forbidden')
    await setRole(room, bob, ann, 'member')
  })

  test('cannot be taken from the owner, nor given to non-members and guests', async () => {
    const guest = await rig.store.createUser(rig.name('guest'), null, 'guest')
    const room = await rig.hear(await rig.room([ann, guest]))
    await setRole(room, ann, ann, 'owner')
    await refused(setRole(room, ann, ann, 'admin'), 'forbidden')
    await refused(setRole(room, ann, bob, 'owner'), 'not_found')
    for (const role of ['owner', 'admin'] as const)
      await refused(setRole(room, ann, guest, role), 'forbidden')
    const { id: direct } = (await rig.store.openDirect(ann.id, bob.id)).room
    await refused(rig.membership.setRole({ id: direct }, ann, bob.id, 'owner'), 'forbidden')
    expect([rig.news, rig.delivered]).toEqual([[], []])
  })

  test('of owner, handed over twice at once, go to one user', async () => {
    const room = await rig.room([ann, bob, cid])
    const outcomes = await Promise.allSettled([
      setRole(room, ann, bob, 'owner'),
      setRole(room, ann, cid, 'owner'),
    ])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const members = await rig.store.members(room.id, { after: 0, limit: 9 })
    expect(members.map(({ role }) => role).toSorted()).toEqual(['admin', 'member', 'owner'])
  })
})

describe('invitations', () => {
  const uninvite = (room: Room, actor: User, target: User) => rig.membership.uninvite(room, actor, target.id)

  test('are announced to the room and the invited user, once', async () => {
    const room = await rig.hear(await rig.room([ann], 'private'))
    await rig.membership.invite(room, ann, [bob.id, cid.id, bob.id])
    await rig.membership.invite(room, ann, [bob.id])
    expect(rig.news).toEqual([
      [room.id, bob.id, 'invited', null, ann.id],
      [room.id, cid.id, 'invited', null, ann.id],
    ])
    expect(rig.delivered.map((event) => event.seq)).toEqual([2, 3].map(id))
  })

  test('of many users at once let messages in between', async () => {
    const room = await rig.hear(await rig.room([ann], 'private'))
    const users = await rig.users(300)
    const sent: number[] = []
    const { store } = rig
    const write = store.invite
    store.invite = async (...some) => {
      // Nothing holds the room between two pieces.
      if (rig.news.length > 0) sent.push(...(await rig.send(room, ann, 'meanwhile')).map(({ seq }) => seq))
      return await write(...some)
    }
    const wanted = users.map((user) => user.id)
    await rig.membership.invite(room, ann, wanted)
    store.invite = write
    expect(rig.news).toHaveLength(users.length)
    const { lastSeq } = await rig.now(room)
    const numbers = Array.from({ length: lastSeq - 1 }, (_, n) => n + 2).filter(
      (number) => !sent.includes(number),
    )
    expect(numbers).toHaveLength(users.length)
    const [first, last] = [Math.min(...numbers), Math.max(...numbers)]
    expect(sent.length).toBeGreaterThan(0)
    for (const number of sent) expect(first < number && number < last).toBe(true)
  })

  test('are ended by owners, admins, their creator and the invited user; by nobody else', async () => {
    const room = await rig.room([ann, bob, cid], 'private')
    const invite = () => rig.membership.invite(room, bob, [dan.id])
    const outsider = await rig.user()
    await invite()
    await refused(uninvite(room, cid, dan), 'forbidden')
    await refused(uninvite(room, outsider, dan), 'hidden')
    await refused(uninvite(room, dan, outsider), 'forbidden')
    await rig.hear(room)
    for (const actor of [ann, bob, dan]) {
      await uninvite(room, actor, dan)
      await refused(uninvite(room, ann, dan), 'not_found')
      await invite()
    }
    const round = [{ type: 'uninvited' }, { type: 'invited' }]
    expect(rig.delivered).toMatchObject([...round, ...round, ...round])
    expect(rig.news.filter(([, , change]) => change === 'uninvited')).toEqual(
      [ann, bob, dan].map((actor) => [room.id, dan.id, 'uninvited', null, actor.id]),
    )
  })

  test('are not ended by a creator who is no longer a member', async () => {
    const room = await rig.room([ann, bob])
    await rig.membership.invite(room, bob, [dan.id])
    await rig.membership.leave(room, bob)
    await refused(uninvite(room, bob, dan), 'forbidden')
    await uninvite(room, ann, dan)
  })

  test('are not announced to users who may not see them', async () => {
    const room = await rig.room([ann, bob])
    await rig.membership.invite(room, ann, [dan.id])
    for (const target of [dan, cid]) await refused(uninvite(room, bob, target), 'forbidden')
    await refused(uninvite(room, cid, cid), 'not_found')
    await refused(uninvite(room, bob, bob), 'not_found')
  })
})

describe('marks', () => {
  test('are announced when they move, except in rooms past the list limit', async () => {
    const small = await rig.hear(await rig.room([ann, bob, cid]))
    expect(LIST_LIMIT).toBe(3)
    expect(await rig.membership.mark(small.id, bob, { deliveredSeq: seq(3) })).toMatchObject({
      readSeq: seq(2),
      deliveredSeq: seq(3),
      unread: 0,
      head: seq(3),
    })
    await rig.membership.mark(small.id, bob, { readSeq: seq(1) })
    await rig.membership.mark(small.id, bob, {})
    const large = await rig.room([ann, bob, cid, dan])
    await rig.membership.mark(large.id, bob, { readSeq: seq(99) })
    const told = { type: 'marks', user: refOf(bob) } as const
    expect(rig.signals).toEqual([
      { ...told, roomId: small.id, readSeq: seq(2), deliveredSeq: seq(3), quiet: false },
      { ...told, roomId: large.id, readSeq: seq(4), deliveredSeq: seq(4), quiet: true },
    ])
  })

  test('are only for members', async () => {
    const [open, closed] = [await rig.room([ann]), await rig.room([ann], 'private')]
    const mark = (room: { id: Room['id'] }) => rig.membership.mark(room.id, bob, { readSeq: seq(1) })
    await refused(mark(open), 'forbidden')
    await refused(mark(closed), 'hidden')
    await refused(mark({ id: id(Number.MAX_SAFE_INTEGER) }), 'not_found')
    await rig.membership.join(open, bob)
    const marks = await Promise.all(Array.from({ length: 20 }, () => mark(open)))
    expect(new Set(marks.map(({ readSeq }) => readSeq))).toEqual(new Set([seq(2)]))
    expect(present(await rig.store.member(open.id, bob.id)).readSeq).toBe(seq(2))
  })
})

async function refused(call: Promise<unknown>, kind: ErrorKind): Promise<void> {
  await expect(call).rejects.toMatchObject({ name: 'ChatError', kind })
}
