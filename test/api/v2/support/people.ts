import { isId, type RoomId, type RoomKind, type UserRef } from '../../../../src/core/index.ts'
import { HERE } from '../../../core/fakes/accounts-rig.ts'
import type { TestApp } from '../../../support/app.ts'

export interface Person extends UserRef {
  readonly token: string
}

/** An account made the quickest way: without a password, so without a hash. */
export async function person({ chat }: Pick<TestApp, 'chat'>, name = 'user'): Promise<Person> {
  const made = await chat.accounts.registerWithoutPassword(`${name}-${crypto.randomUUID()}`, HERE)
  const { user, token } = made
  return { id: user.id, username: user.username, token }
}

export async function pair(app: Pick<TestApp, 'chat'>): Promise<[Person, Person]> {
  return [await person(app, 'one'), await person(app, 'other')]
}

/** A further token of the same person's. */
export async function anotherToken({ chat }: Pick<TestApp, 'chat'>, { id }: Person): Promise<string> {
  const user = await chat.accounts.user(id)
  if (user === null) throw new Error('there is no such user')
  return (await chat.accounts.issueToken(user)).token
}

/** A room of the owner's, with the others in it. */
export async function makeRoom(
  { chat }: Pick<TestApp, 'chat'>,
  owner: Person,
  others: readonly Person[] = [],
  kind: Exclude<RoomKind, 'direct'> = 'private',
): Promise<RoomId> {
  const invited = kind === 'public' ? [] : others.map(({ id }) => id)
  const { id } = await chat.rooms.create({ name: `room ${crypto.randomUUID()}`, kind, invited }, owner)
  for (const other of others) await chat.membership.join({ id }, other)
  return id
}

export async function makeDirect(
  { chat }: Pick<TestApp, 'chat'>,
  one: Person,
  other: Person,
): Promise<RoomId> {
  return (await chat.rooms.openDirect(one, other.id)).summary.room.id
}

/** Says something by the use case itself. @returns its number */
export async function say(
  { chat }: Pick<TestApp, 'chat'>,
  room: number,
  sender: UserRef,
  body: string,
): Promise<number> {
  if (!isId(room)) throw new Error(`${room} is no room`)
  const message = { body, kind: 'text', clientId: null, replyTo: null, details: null }
  return (await chat.messages.post(room, sender, message)).seq
}
