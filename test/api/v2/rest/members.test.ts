import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import {
  ChangesPage,
  Invitation,
  Invited,
  Member,
  type MemberEvent,
  pageOf,
  Room,
  type RoomEvent,
} from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeDirect, makeRoom, type Person, person } from '../support/people.ts'
import { bodyOf, call, expectDone, expectProblem, get } from './support/client.ts'

const Members = pageOf(Member)
const Invitations = pageOf(Invitation)

let app: TestApp
let owner: Person
let member: Person
let another: Person
let outsider: Person

beforeAll(async () => {
  app = await startApp()
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  another = await person(app, 'another')
  outsider = await person(app, 'outsider')
})
afterAll(() => app.close())

/** What has happened to memberships, as `change who by-whom role`. */
async function told(room: number, reader: Person, after = 0): Promise<string[]> {
  const names = new Map(
    [owner, member, another, outsider].map(({ id, username }) => [id, username.split('-')[0]]),
  )
  const { items } = await get(app, reader, `/rooms/${room}/changes?after=${after}`, ChangesPage)
  const isChange = (event: RoomEvent): event is MemberEvent => event.type === 'member'
  return items
    .filter(isChange)
    .map(({ change, user, actor, role }) => `${change} ${nameOf(user.id)} ${nameOf(actor.id)} ${role}`)

  function nameOf(id: number): string {
    return [...names].find(([key]) => key === id)?.[1] ?? '?'
  }
}

async function roles(room: number, reader: Person): Promise<Record<string, string>> {
  const { items } = await get(app, reader, `/rooms/${room}/members`, Members)
  return Object.fromEntries(items.map(({ user, role }) => [user.username.split('-')[0], role]))
}

const join = (who: Person, room: number) => call(app, who, 'PUT', `/rooms/${room}/members/me`)
const leave = (who: Person, room: number) => call(app, who, 'DELETE', `/rooms/${room}/members/me`)
const remove = (who: Person, room: number, target: Person) =>
  call(app, who, 'DELETE', `/rooms/${room}/members/${target.id}`)
const setRole = (who: Person, room: number, target: Person | 'me', role: unknown) =>
  call(app, who, 'PATCH', `/rooms/${room}/members/${target === 'me' ? target : target.id}`, { role })
const invite = (who: Person, room: number, users: unknown) =>
  call(app, who, 'POST', `/rooms/${room}/invitations`, { users })
const uninvite = (who: Person, room: number, target: Person | 'me') =>
  call(app, who, 'DELETE', `/rooms/${room}/invitations/${target === 'me' ? target : target.id}`)

describe('members', () => {
  test('are listed, and shown one by one, with role and marks', async () => {
    const room = await makeRoom(app, owner, [member])
    const { items, next } = await get(app, member, `/rooms/${room}/members`, Members)
    expect(items.map(({ user, role }) => [user.id, role])).toEqual([
      [owner.id, 'owner'],
      [member.id, 'member'],
    ])
    expect(next).toBeNull()
    for (const each of items) {
      expect(await get(app, owner, `/rooms/${room}/members/${each.user.id}`, Member)).toEqual(each)
    }
    expect(items[1]).toEqual(await get(app, member, `/rooms/${room}/members/me`, Member))
  })

  test('are hidden from outsiders, except in public rooms', async () => {
    const closed = await makeRoom(app, owner, [member])
    expectProblem(await call(app, outsider, 'GET', `/rooms/${closed}/members`), 404, 'not_found')
    const open = await makeRoom(app, owner, [member], 'public')
    expect(await roles(open, outsider)).toEqual({ owner: 'owner', member: 'member' })
  })

  test('that are non-members are not found', async () => {
    const room = await makeRoom(app, owner, [member])
    for (const id of [`${outsider.id}`, '987654321', '0', 'x', '1.5']) {
      expectProblem(await call(app, owner, 'GET', `/rooms/${room}/members/${id}`), 404, 'not_found')
      const changed = await call(app, owner, 'PATCH', `/rooms/${room}/members/${id}`, { role: 'admin' })
      expectProblem(changed, 404, 'not_found')
      expectProblem(await call(app, owner, 'DELETE', `/rooms/${room}/members/${id}`), 404, 'not_found')
    }
  })
})

describe('joining', () => {
  test('a public room makes the caller a member, once', async () => {
    const room = await makeRoom(app, owner, [], 'public')
    const joined = bodyOf(await join(outsider, room), 200, Room)
    expect(joined).toMatchObject({ role: 'member', member_count: 2, head: 2 })
    expect(bodyOf(await join(outsider, room), 200, Room)).toEqual(joined)
    expect(await told(room, outsider, 1)).toEqual(['joined outsider outsider member'])
  })

  test('a private room needs an invitation', async () => {
    const room = await makeRoom(app, owner)
    expectProblem(await join(outsider, room), 404, 'not_found')
    bodyOf(await invite(owner, room, [outsider.id]), 200, Invited)
    expect(bodyOf(await join(outsider, room), 200, Room)).toMatchObject({ role: 'member', invited: false })
  })
})

describe('leaving', () => {
  test('a private room hides it', async () => {
    const room = await makeRoom(app, owner, [member])
    expectDone(await leave(member, room))
    expectProblem(await call(app, member, 'GET', `/rooms/${room}`), 404, 'not_found')
    expectProblem(await leave(member, room), 404, 'not_found')
    expect((await told(room, owner)).at(-1)).toBe('left member member null')
  })

  test('with the user’s own id does the same; a public room stays visible', async () => {
    const room = await makeRoom(app, owner, [member], 'public')
    expectDone(await remove(member, room, member))
    expect(await get(app, member, `/rooms/${room}`, Room)).toMatchObject({ role: null, member_count: 1 })
    expectProblem(await leave(member, room), 403, 'forbidden')
  })

  test('by the owner passes ownership on: to an admin, or else to the member who joined first', async () => {
    const room = await makeRoom(app, owner, [member, another])
    bodyOf(await setRole(owner, room, another, 'admin'), 200, Member)
    expectDone(await leave(owner, room))
    expect(await roles(room, member)).toEqual({ member: 'member', another: 'owner' })
    expect((await told(room, member)).slice(-2)).toEqual([
      'left owner owner null',
      'role another owner owner',
    ])
    expectDone(await leave(another, room))
    expect(await roles(room, member)).toEqual({ member: 'owner' })
    expectDone(await leave(member, room))
  })
})

describe('removing', () => {
  test('is for owners and admins: the owner may remove anyone, an admin only plain members', async () => {
    const room = await makeRoom(app, owner, [member, another])
    expectProblem(await remove(member, room, another), 403, 'forbidden')
    expectProblem(await remove(outsider, room, another), 404, 'not_found')
    bodyOf(await setRole(owner, room, member, 'admin'), 200, Member)
    expectProblem(await remove(member, room, owner), 403, 'forbidden')
    expectDone(await remove(member, room, another))
    expectProblem(await remove(member, room, another), 404, 'not_found')
    expectDone(await remove(owner, room, member))
    expect(await roles(room, owner)).toEqual({ owner: 'owner' })
    expectProblem(await call(app, another, 'GET', `/rooms/${room}/messages`), 404, 'not_found')
    expect((await told(room, owner)).slice(-2)).toEqual([
      'removed another member null',
      'removed member owner null',
    ])
  })
})

describe('roles', () => {
  test('are given by the owner', async () => {
    const room = await makeRoom(app, owner, [member, another])
    expect(bodyOf(await setRole(owner, room, member, 'admin'), 200, Member).role).toBe('admin')
    expectProblem(await setRole(member, room, another, 'admin'), 403, 'forbidden')
    expectProblem(await setRole(another, room, 'me', 'owner'), 403, 'forbidden')
    expectProblem(await setRole(outsider, room, 'me', 'owner'), 404, 'not_found')
    expectProblem(await setRole(owner, room, 'me', 'member'), 403, 'forbidden')
    expect(bodyOf(await setRole(owner, room, member, 'member'), 200, Member).role).toBe('member')
    for (const role of ['Owner', 'staff', '', null, 1, undefined]) {
      expectProblem(await setRole(owner, room, member, role), 400, 'invalid', { field: 'role' })
    }
  })

  test('`owner` passes ownership on, and makes the caller an admin', async () => {
    const room = await makeRoom(app, owner, [member])
    const { head } = await get(app, owner, `/rooms/${room}`, Room)
    expect(bodyOf(await setRole(owner, room, member, 'owner'), 200, Member)).toMatchObject({
      user: { id: member.id },
      role: 'owner',
    })
    expect(await roles(room, owner)).toEqual({ owner: 'admin', member: 'owner' })
    expect((await told(room, owner, head)).sort()).toEqual([
      'role member owner owner',
      'role owner owner admin',
    ])
    expectProblem(await setRole(owner, room, 'me', 'owner'), 403, 'forbidden')
    expectProblem(await call(app, owner, 'DELETE', `/rooms/${room}`), 403, 'forbidden')
    expectDone(await call(app, member, 'DELETE', `/rooms/${room}`))
  })

  test('passing ownership to two users at once leaves one owner', async () => {
    const room = await makeRoom(app, owner, [member, another])
    const answers = await Promise.all([member, another].map((each) => setRole(owner, room, each, 'owner')))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403])
    const owners = Object.values(await roles(room, owner)).filter((role) => role === 'owner')
    expect(owners).toHaveLength(1)
  })
})

describe('invitations', () => {
  test('are created by members, and listed for them', async () => {
    const room = await makeRoom(app, owner, [member])
    const answer = await invite(member, room, [outsider.id, another.id, outsider.id])
    expect(bodyOf(answer, 200, Invited).items.map(({ id }) => id)).toEqual([outsider.id, another.id])
    const { items } = await get(app, owner, `/rooms/${room}/invitations`, Invitations)
    const shown = items.map(({ user, invited_by }) => [user.id, invited_by.id])
    expect(shown).toEqual([
      [another.id, member.id],
      [outsider.id, member.id],
    ])
    expect((await told(room, owner)).slice(-2)).toEqual([
      'invited outsider member null',
      'invited another member null',
    ])
    // Neither listed nor made by who is only invited.
    expectProblem(await call(app, another, 'GET', `/rooms/${room}/invitations`), 403, 'forbidden')
    expectProblem(await invite(another, room, [another.id]), 403, 'forbidden')
  })

  test('of members and of invited users change nothing', async () => {
    const room = await makeRoom(app, owner, [member])
    bodyOf(await invite(owner, room, [another.id]), 200, Invited)
    const { head } = await get(app, owner, `/rooms/${room}`, Room)
    bodyOf(await invite(owner, room, [member.id, another.id]), 200, Invited)
    bodyOf(await invite(owner, room, []), 200, Invited)
    expect((await get(app, owner, `/rooms/${room}`, Room)).head).toBe(head)
  })

  test('are refused as a whole if a user does not exist', async () => {
    const room = await makeRoom(app, owner)
    for (const users of [
      [another.id, 987_654_321],
      ['7'],
      [0],
      [null],
      7,
      null,
      undefined,
      Array(1001).fill(1),
    ]) {
      expectProblem(await invite(owner, room, users), 400, 'invalid', { field: 'users' })
    }
    expect((await get(app, owner, `/rooms/${room}/invitations`, Invitations)).items).toEqual([])
  })

  test('are withdrawn by owners, admins and the user who created them', async () => {
    const room = await makeRoom(app, owner, [member, another])
    bodyOf(await invite(member, room, [outsider.id]), 200, Invited)
    expectProblem(await uninvite(another, room, outsider), 403, 'forbidden')
    expectDone(await uninvite(member, room, outsider))
    expectProblem(await join(outsider, room), 404, 'not_found')
    expectProblem(await uninvite(member, room, outsider), 403, 'forbidden')
    expectProblem(await uninvite(owner, room, outsider), 404, 'not_found')
    bodyOf(await invite(member, room, [outsider.id]), 200, Invited)
    expectDone(await uninvite(owner, room, outsider))
    expect((await told(room, owner)).slice(-3)).toEqual([
      'uninvited outsider member null',
      'invited outsider member null',
      'uninvited outsider owner null',
    ])
  })

  test('are declined by the invited user', async () => {
    const room = await makeRoom(app, owner)
    bodyOf(await invite(owner, room, [outsider.id]), 200, Invited)
    expectDone(await uninvite(outsider, room, 'me'))
    expectProblem(await call(app, outsider, 'GET', `/rooms/${room}`), 404, 'not_found')
    expectProblem(await uninvite(outsider, room, 'me'), 404, 'not_found')
    expect((await told(room, owner)).at(-1)).toBe('uninvited outsider outsider null')
  })

  test('do not exist in direct chats', async () => {
    const direct = await makeDirect(app, owner, member)
    expectProblem(await invite(owner, direct, [another.id]), 403, 'forbidden')
    expectProblem(await call(app, owner, 'GET', `/rooms/${direct}/invitations`), 403, 'forbidden')
    expectProblem(await setRole(owner, direct, member, 'admin'), 403, 'forbidden')
  })
})
