import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import type { UserRef } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeDirect, makeRoom, type Person, person } from '../support/people.ts'
import { enter } from '../support/rooms.ts'
import { connect, type Frame, type V2Client } from '../support/v2-client.ts'

let app: TestApp
let owner: Person
let member: Person
/** Two of the member's connections, neither of which hears a room, and one of the owner's. */
let devices: V2Client[]
let others: V2Client

beforeAll(async () => {
  app = await startApp()
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  devices = [await connect(app, member), await connect(app, member)]
  others = await connect(app, owner)
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

test('every change of a user’s membership is sent to all of that user’s connections', async () => {
  const room = await makeRoom(app, owner)
  const { membership } = app.chat
  const ref = { id: room }
  await membership.invite(ref, owner, [member.id])
  await membership.uninvite(ref, member, member.id)
  await membership.invite(ref, owner, [member.id])
  await membership.uninvite(ref, owner, member.id)
  await membership.invite(ref, owner, [member.id])
  await membership.join(ref, member)
  await membership.setRole(ref, owner, member.id, 'admin')
  await membership.setRole(ref, owner, member.id, 'owner')
  await membership.leave(ref, member)
  await membership.invite(ref, owner, [member.id])
  await membership.join(ref, member)
  await membership.remove(ref, owner, member.id)

  const by = (actor: Person, change: Membership['change'], role: Membership['role']) =>
    frameOf(room, change, role, actor)
  for (const device of devices) {
    await device.heard('membership', ({ change }) => change === 'removed')
    expect(device.all('membership')).toEqual(
      numbered([
        by(owner, 'invited', null),
        by(member, 'uninvited', null),
        by(owner, 'invited', null),
        by(owner, 'uninvited', null),
        by(owner, 'invited', null),
        by(member, 'joined', 'member'),
        by(owner, 'role', 'admin'),
        by(owner, 'role', 'owner'),
        by(member, 'left', null),
        by(owner, 'invited', null),
        by(member, 'joined', 'member'),
        by(owner, 'removed', null),
      ]),
    )
  }
  await others.settled()
  // The owner's own: they made it, passed it on, and had it back when the new owner left.
  expect(others.all('membership')).toEqual(
    numbered([by(owner, 'joined', 'owner'), by(owner, 'role', 'admin'), by(member, 'role', 'owner')]),
  )
  await end()
})

test('new rooms are announced to their creator and to the invited users', async () => {
  const room = await makeRoom(app, owner, [member], 'game')
  const open = await makeRoom(app, member, [], 'public')
  for (const device of devices) {
    await device.heard('membership', (frame) => frame.room === open)
    expect(device.all('membership')).toEqual(
      numbered([
        frameOf(room, 'invited', null, owner),
        frameOf(room, 'joined', 'member', member),
        frameOf(open, 'joined', 'owner', member),
      ]),
    )
  }
  await others.settled()
  expect(others.all('membership')).toEqual(numbered([frameOf(room, 'joined', 'owner', owner)]))
  await end()
})

test('a new direct chat is announced to both users, and only the first time', async () => {
  const room = await makeDirect(app, owner, member)
  expect(await makeDirect(app, member, owner)).toBe(room)
  for (const client of [...devices, others]) {
    expect([await client.heard('membership')]).toEqual(numbered([frameOf(room, 'joined', 'member', owner)]))
    await client.settled()
    expect(client.all('membership')).toHaveLength(1)
  }
  await end()
})

test('subscribers of the room get membership changes as numbered events, in order', async () => {
  const room = await makeRoom(app, owner)
  await enter(others, room)
  const { membership } = app.chat
  await membership.invite({ id: room }, owner, [member.id])
  await membership.join({ id: room }, member)
  await membership.setRole({ id: room }, owner, member.id, 'owner')
  await membership.leave({ id: room }, member)
  await others.heard('member', ({ seq }) => seq === 7)
  const [user, own] = [ref(member), ref(owner)]
  const at = others.all('member')[0]?.at ?? ''
  const event = { type: 'member', room, at } as const
  expect(others.all('member').map((frame) => ({ ...frame, at }))).toEqual([
    { ...event, seq: 2, change: 'invited', user, actor: own, role: null },
    { ...event, seq: 3, change: 'joined', user, actor: user, role: 'member' },
    { ...event, seq: 4, change: 'role', user, actor: own, role: 'owner' },
    { ...event, seq: 5, change: 'role', user: own, actor: own, role: 'admin' },
    { ...event, seq: 6, change: 'left', user, actor: user, role: null },
    { ...event, seq: 7, change: 'role', user: own, actor: user, role: 'owner' },
  ])
  await end()
})

function ref({ id, username }: UserRef) {
  return { id, username }
}

function frameOf(
  room: number,
  change: Membership['change'],
  role: Membership['role'],
  actor: Person,
): Membership {
  return { type: 'membership', room, change, role, actor: ref(actor) }
}

/** With the user's own numbers: of a new user, from 1 on. */
function numbered(frames: readonly Membership[]): Membership[] {
  return frames.map((frame, index) => ({ ...frame, user_seq: index + 1 }))
}

async function end(): Promise<void> {
  for (const client of [...devices, others]) await client.close()
}

type Membership = Frame<'membership'>
