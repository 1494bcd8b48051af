import { beforeAll, describe, expect, test } from 'bun:test'
import type { ErrorKind, Room, User } from '../../src/core/index.ts'
import { useStores } from '../store/stores.ts'
import { LIST_LIMIT, RoomsRig, refOf } from './fakes/rooms-rig.ts'
import { id, seq } from './fakes/values.ts'

const make = useStores('postgres')
let rig: RoomsRig
let ann: User
let bob: User
let cid: User

beforeAll(async () => {
  rig = new RoomsRig(await make())
  ;[ann, bob, cid] = [await rig.user(), await rig.user(), await rig.user()]
})

describe('making', () => {
  test('a room is announced to its creator and the invited users', async () => {
    rig.forget()
    const name = rig.name('room')
    const room = await rig.rooms.create({ name, kind: 'private', invited: [cid.id, bob.id] }, ann)
    expect(rig.news.toSorted()).toEqual(
      [
        [room.id, ann.id, 'joined', 'owner', ann.id],
        [room.id, bob.id, 'invited', null, ann.id],
        [room.id, cid.id, 'invited', null, ann.id],
      ].toSorted(),
    )
  })

  test('a direct chat is announced to both users, once', async () => {
    rig.forget()
    const [one, two] = await rig.pair()
    const { summary, made } = await rig.rooms.openDirect(refOf(one), two.id)
    expect(made).toBe(true)
    await rig.rooms.openDirect(refOf(two), one.id)
    const { room } = summary
    expect(rig.news).toEqual([one, two].map((user) => [room.id, user.id, 'joined', 'member', one.id]))
    expect(rig.signals[1]).toMatchObject({ user: refOf(two), actor: refOf(one) })
  })
})

describe('deleting', () => {
  test('a room is told to its members and to the invited, each at their own number', async () => {
    const room = await rig.room([ann, bob], 'private')
    await rig.membership.invite({ id: room.id }, ann, [cid.id])
    rig.forget()
    await rig.rooms.remove({ id: room.id }, ann)
    expect(rig.news).toEqual([ann, bob, cid].map((user) => [room.id, user.id, 'room_deleted', null, ann.id]))
    const heads = await rig.store.membershipHeads([ann.id, bob.id, cid.id])
    const numbers = rig.signals.flatMap((signal) => (signal.type === 'membership' ? signal.seq : []))
    expect(numbers).toEqual([...heads.values()])
  })

  test('a room of more users than are listed is told to its subscribers alone', async () => {
    const users = await rig.users(LIST_LIMIT + 1)
    const room = await rig.room(users)
    rig.forget()
    const [owner] = users
    if (owner === undefined) throw new Error('there are users')
    await rig.rooms.remove({ id: room.id }, owner)
    expect(rig.signals).toEqual([{ type: 'room_deleted', roomId: room.id }])
  })
})

describe('describing', () => {
  test('is announced to the room in order', async () => {
    const room = await rig.hear(await rig.room([ann, bob]))
    const event = await rig.rooms.describe(room, ann, { description: 'words' })
    expect(event).toMatchObject({ seq: id(3), actor: refOf(ann), description: 'words', avatar: '' })
    expect(rig.delivered).toEqual([event])
    await rig.membership.setRole(room, ann, bob.id, 'admin')
    await rig.rooms.describe(room, bob, { avatar: 'a.png' })
    expect(await rig.now(room)).toMatchObject({ description: 'words', avatar: 'a.png' })
  })

  test('is for owners and admins, and checks lengths', async () => {
    const room = await rig.room([ann, bob], 'private')
    const describing = (user: User, wanted: Parameters<typeof rig.rooms.describe>[2]) =>
      rig.rooms.describe(room, user, wanted)
    await refused(describing(bob, { avatar: '' }), 'forbidden')
    await refused(describing(cid, { avatar: '' }), 'hidden')
    const long = 'x'.repeat(2001)
    for (const wanted of [{ description: long }, { avatar: long }, { avatar: '\0' }, {}]) {
      await refused(describing(ann, wanted), 'invalid')
    }
    expect(await rig.head(room)).toBe(seq(2))
    const { room: direct } = await rig.store.openDirect(ann.id, bob.id)
    await refused(rig.rooms.describe({ id: direct.id }, ann, { avatar: '' }), 'forbidden')
  })
})

describe('reading', () => {
  let room: Room
  beforeAll(async () => {
    room = await rig.room([ann], 'private')
    await rig.membership.invite(room, ann, [bob.id])
  })

  test('a room needs the right to see it', async () => {
    expect(await rig.rooms.view(room, ann.id)).toMatchObject({ role: 'owner' })
    expect(await rig.rooms.view({ name: room.name ?? '' }, bob.id)).toMatchObject({ invited: true })
    await refused(rig.rooms.view(room, cid.id), 'hidden')
    await refused(rig.rooms.view({ id: id(Number.MAX_SAFE_INTEGER) }, ann.id), 'not_found')
  })

  test('snapshots and facts needs a membership', async () => {
    const open = await rig.room([ann])
    for (const read of [
      (of: Room, user: User) => rig.rooms.snapshot(of.id, user.id, 5),
      (of: Room, user: User) => rig.rooms.facts(of.id, user.id),
    ]) {
      expect(await read(room, ann)).toMatchObject({ view: { role: 'owner' } })
      await refused(read(room, bob), 'forbidden')
      await refused(read(room, cid), 'hidden')
      await refused(read(open, cid), 'forbidden')
      await refused(read({ ...room, id: id(Number.MAX_SAFE_INTEGER) }, ann), 'not_found')
    }
  })

  test('lists members and marks in rooms up to the list limit', async () => {
    expect(rig.rooms.listLimit).toBe(LIST_LIMIT)
    const users = await rig.users(LIST_LIMIT)
    const full = await rig.room([ann, ...users.slice(1)])
    expect((await rig.rooms.snapshot(full.id, ann.id, 0)).members).toHaveLength(LIST_LIMIT)
    expect((await rig.rooms.facts(full.id, ann.id)).marks).toHaveLength(LIST_LIMIT)
    await rig.membership.join(full, bob)
    expect((await rig.rooms.snapshot(full.id, ann.id, 0)).members).toBeNull()
    expect((await rig.rooms.facts(full.id, ann.id)).marks).toBeNull()
  })

  test('a member and the invitations needs the right to', async () => {
    expect(await rig.rooms.member(room, ann.id, ann.id)).toMatchObject({ role: 'owner' })
    await refused(rig.rooms.member(room, ann.id, bob.id), 'not_found')
    await refused(rig.rooms.member(room, bob.id, ann.id), 'forbidden')
    await refused(rig.rooms.member(room, cid.id, ann.id), 'hidden')
    const page = { after: 0, limit: 9 }
    expect(await rig.rooms.invitations(room, ann.id, page)).toMatchObject([
      { user: bob, invitedBy: refOf(ann) },
    ])
    await refused(rig.rooms.invitations(room, bob.id, page), 'forbidden')
    await refused(rig.rooms.invitations(room, cid.id, page), 'hidden')
  })

  test('unread counts covers all rooms of the user', async () => {
    const [one, two] = await rig.pair()
    const shared = await rig.room([one, two])
    const { room: direct } = await rig.store.openDirect(one.id, two.id)
    await rig.send(shared, two, 'a', 'b')
    await rig.send(direct, two, 'c')
    const page = { after: 0, limit: 9 }
    expect(await rig.rooms.unread(one.id, page)).toMatchObject([
      { room: shared.id, unread: 2, head: seq(4) },
      { room: direct.id, unread: 1, head: seq(1) },
    ])
    const views = await rig.rooms.views(one.id, 'joined', page)
    expect(views.map(({ unread }) => unread)).toEqual([2, 1])
  })
})

async function refused(call: Promise<unknown>, kind: ErrorKind): Promise<void> {
  await expect(call).rejects.toMatchObject({ name: 'ChatError', kind })
}

describe('the default room', () => {
  const kindOf = async (name: string) => (await rig.store.accessFacts({ name }, null))?.room.kind

  test('is made once, by however many nodes, and beside a hidden room of its name', async () => {
    const name = rig.name('Default')
    await rig.rooms.create({ name: name.toLowerCase(), kind: 'private' }, await rig.user())
    expect(await kindOf(name)).toBe('private')
    await Promise.all([1, 2, 3].map(() => rig.rooms.ensurePublic(name)))
    expect(await kindOf(name)).toBe('public')
    await rig.rooms.ensurePublic(` ${name.toUpperCase()}`)
  })

  test('is not made beside a public room whose name looks like it', async () => {
    const stem = rig.name('default')
    await rig.rooms.create({ name: `lоbby ${stem}`, kind: 'public' }, null)
    await expect(rig.rooms.ensurePublic(`lobby ${stem}`)).rejects.toMatchObject({ kind: 'conflict' })
    await expect(rig.rooms.ensurePublic('\u200b')).rejects.toMatchObject({ kind: 'invalid', field: 'name' })
  })
})
