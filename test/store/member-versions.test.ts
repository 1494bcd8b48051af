// Batches of members whom a lane has seen look up no members; whoever is no longer a member is refused all the same.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { jsonText, type Room, type User } from '../../src/core/index.ts'
import { createStore } from '../../src/store/index.ts'
import { KnownMembers } from '../../src/store/messages/known-members.ts'
import { draft, id, present } from '../core/fakes/values.ts'
import { batchOf, verdictsOf, World } from '../ports/world.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { type Watch, watchPlans } from './plans-watch.ts'

let watch: Watch
let world: World
beforeAll(async () => {
  watch = watchPlans(await createMigratedDatabase())
  // Two nodes that know nothing of each other; the statements of both are watched.
  const node = () => createStore(watch.sql, [watch.sql], { queryTimeoutMs: 30_000 })
  world = new World({ store: node(), other: node() })
})
afterAll(() => watch.close())

test('what changes who is a member of a room gives it another version, and nothing else does', async () => {
  const [ann, bob] = await world.pair()
  const room = await world.room([ann])
  const changes: Record<string, () => Promise<unknown>> = {
    'someone joins': () => world.join(room, bob),
    'a role changes': () => world.change(room, ann, bob, 'role', 'admin'),
    'marks move': () => world.mark(room, bob, 1),
    'a message is sent': () => world.send(room, bob, 'hello'),
    'someone is muted': () => world.restrain(room, ann, bob, 'muted'),
    'a mute is renewed': () => world.restrain(room, ann, bob, 'muted'),
    'a mute is lifted': () => world.restrain(room, ann, bob, 'unmuted'),
    'who may post changes': () => world.setRules(room, ann, { posting: 'staff' }),
    'someone leaves': () => world.leave(room, bob),
    'someone is invited': () => world.invite(room, ann, bob),
    'an invited user joins': () => world.join(room, bob),
    'someone is removed': () => world.remove(room, ann, bob),
    'the owner leaves': () => world.leave(room, ann),
  }
  const changed: string[] = []
  for (const [name, change] of Object.entries(changes)) {
    const before = await versionOf(room)
    await change()
    if ((await versionOf(room)) !== before) changed.push(name)
  }
  expect(changed).toEqual([
    'someone joins',
    'a role changes',
    'someone is muted',
    'a mute is renewed',
    'who may post changes',
    'someone leaves',
    'an invited user joins',
    'someone is removed',
    'the owner leaves',
  ])
})

test('two rooms never have the same version', async () => {
  const ann = await world.user()
  const versions = new Set<number>()
  for (let i = 0; i < 20; i++) versions.add(await versionOf(await world.room([ann])))
  expect(versions.size).toBe(20)
})

test('members are looked up once, and again only in the room that others have joined', async () => {
  const [ann, bob] = await world.pair()
  const rooms = [await world.room([ann, bob]), await world.room([ann, bob])] as const
  const lookedUp = async () => {
    watch.executed()
    const drafts = rooms.flatMap((room) => [ann, bob].map((user) => world.draft(room, user)))
    expect((await world.store.append(0, batchOf(drafts))).verdicts).toBeNull()
    const steps = watch.executed().flatMap((statement) => statement.steps)
    return steps.filter(({ table }) => table === 'members').reduce((sum, { rows }) => sum + rows, 0)
  }
  expect([await lookedUp(), await lookedUp()]).toEqual([4, 0])
  await world.join(rooms[1], await world.user())
  expect([await lookedUp(), await lookedUp()]).toEqual([2, 0])
})

test.each<[string, (room: Room, staff: User, user: User) => Promise<unknown>]>([
  ['who was removed', (room, staff, user) => world.remove(room, staff, user)],
  ['who has left', (room, _, user) => world.leave(room, user)],
  ['whose row SQL has removed', (_, __, user) => watch.sql`delete from users where id = ${user.id}`],
])('a sender %s is refused by each lane that has seen them as a member', async (_, end) => {
  const [ann, bob] = await world.pair()
  const rooms = [await world.room([ann, bob]), await world.room([ann])] as const
  const send = async () => {
    const verdicts: (readonly string[])[] = []
    for (const [log, lane] of world.lanes) {
      const drafts = [world.draft(rooms[0], bob), world.draft(rooms[1], ann)]
      verdicts.push(verdictsOf(await log.append(lane, batchOf(drafts))))
    }
    return verdicts
  }
  const all = ['sent', 'sent']
  expect([await send(), await send()]).toEqual([
    [all, all],
    [all, all],
  ])
  await end(rooms[0], ann, bob)
  const refused = ['not_member', 'sent']
  expect(await send()).toEqual([refused, refused])
})

test('a node of the version before appends with the function that it knows', async () => {
  const [ann, bob] = await world.pair()
  const room = await world.room([ann])
  const append = (user: User) => watch.sql`
    select bases::text as bases from parley_append(
      p_rooms => array[${room.id}]::bigint[], p_counts => '{1}', p_pair_rooms => array[${room.id}]::bigint[],
      p_pair_users => array[${user.id}]::bigint[], p_place => '{1}', p_offset => '{1}',
      p_senders => array[${user.id}]::bigint[], p_clients => '{key}', p_kinds => '{text}', p_bodies => '{hello}',
      p_replies => null)`
  expect([...(await append(ann))]).toEqual([{ bases: `{${room.lastSeq}}` }])
  await expect(append(bob)).rejects.toMatchObject({ code: 'PA003' })
  expect(await world.head(room)).toBe(room.lastSeq + 1)
})

test('nodes of the versions before append and revise with the functions that they know', async () => {
  const [ann, bob] = await world.pair()
  const rooms = [await world.room([ann]), await world.room([ann])] as const
  const [one, other] = [rooms[0].id, rooms[1].id]
  const drafts = watch.sql`
    p_place => '{1,2,2}', p_senders => array[${ann.id}, ${ann.id}, ${ann.id}]::bigint[],
    p_clients => '{a,b,c}', p_bodies => '{first,second,third}', p_replies => null`
  const [batch] = await watch.sql`
    select shifts::text as shifts from parley_append_batch(p_rooms => array[${one}, ${other}]::bigint[], p_counts => '{1,2}',
      p_starts => '{0,1}', p_versions => '{null,null}', p_kinds => null, ${drafts})`
  expect(batch).toEqual({ shifts: `{${rooms[0].lastSeq},${rooms[1].lastSeq - 1}}` })
  const [again] = await watch.sql`
    select codes::text as codes, seqs::text as seqs from parley_append_carefully(p_rooms => array[${one}, ${other}]::bigint[],
      p_kinds => '{text,text,text}', ${drafts})`
  const seqs = [rooms[0].lastSeq + 1, rooms[1].lastSeq + 1, rooms[1].lastSeq + 2]
  expect(again).toEqual({ codes: '{1,1,1}', seqs: `{${seqs}}` })
  const [former] = await watch.sql`
    select bases::text as bases from parley_append(
      p_rooms => array[${one}, ${other}]::bigint[], p_counts => '{1,2}', p_pair_rooms => array[${one}, ${other}]::bigint[],
      p_pair_users => array[${ann.id}, ${ann.id}]::bigint[], p_place => '{1,2,2}', p_offset => '{1,1,2}',
      p_senders => array[${ann.id}, ${ann.id}, ${ann.id}]::bigint[], p_clients => '{d,e,f}', p_kinds => '{text,text,text}',
      p_bodies => '{first,second,third}', p_replies => null)`
  expect(former).toEqual({ bases: `{${rooms[0].lastSeq + 1},${rooms[1].lastSeq + 2}}` })

  const metadata = jsonText({ kept: true })
  const sent = await world.store.append(0, batchOf([world.draft(rooms[0], ann, { details: { metadata } })]))
  const [seq] = sent.seqs
  const revise = (actor: User, body: string | null) => watch.sql`
    select version::float8 as version from parley_revise(${one}, ${present(seq)}, ${actor.id}, 'owner', ${body})`
  await expect(revise(bob, 'words')).rejects.toMatchObject({ code: 'PA001' })
  await revise(ann, 'words')
  expect(await world.read(rooms[0], { seq: present(seq) })).toMatchObject({
    body: 'words',
    details: { metadata },
  })
  await revise(ann, null)
  expect(await world.read(rooms[0], { seq: present(seq) })).toMatchObject({ body: '', details: null })
})

test('a lane remembers as many members as it may, and forgets the room that it has known longest', () => {
  const known = new KnownMembers(4)
  const of = (room: number, ...senders: number[]) => senders.map((sender) => draft(room, sender, 'key'))
  const note = (room: number, version: number, ...senders: number[]) =>
    known.note(id(room), version, of(room, ...senders), 0, senders.length)
  const seen = (room: number, ...senders: number[]) =>
    known.versionOf(id(room), of(room, ...senders), 0, senders.length)

  note(1, 71, 1, 2)
  note(2, 72, 1)
  expect([seen(1, 1, 2), seen(1, 1, 3), seen(2, 1), seen(3, 1)]).toEqual([71, null, 72, null])
  note(2, 72, 2)
  expect([seen(1, 1), seen(2, 2, 1)]).toEqual([71, 72])
  note(3, 73, 1)
  expect([seen(1, 1), seen(2, 1, 2), seen(3, 1)]).toEqual([null, 72, 73])
  // Another version leaves nothing of what was seen at the one before.
  note(2, 82, 2)
  expect([seen(2, 1), seen(2, 2), seen(3, 1)]).toEqual([null, 82, 73])
  note(4, 74, 1, 2, 3, 4, 5)
  expect([seen(2, 2), seen(3, 1), seen(4, 1)]).toEqual([null, null, null])
})

async function versionOf(room: Room): Promise<number> {
  const [row] = await watch.sql<{ version: number }[]>`
    select member_version::float8 as version from rooms where id = ${room.id}`
  return present(row).version
}
