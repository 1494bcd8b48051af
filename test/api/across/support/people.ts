import { Type as t } from '@sinclair/typebox'
import type { Person } from '../../../support/person.ts'
import { person } from '../../support/contracts/people.ts'
import { type Ask, ask, expectAnswer } from '../../support/rest.ts'

/** The URLs of the server. */
export interface ServerUrls {
  readonly url: string
  readonly wsUrl: string
}

export type { Person }

export type Kind = 'public' | 'private' | 'game' | 'direct'

export interface Room {
  readonly id: number
  /** Empty for a direct chat. */
  readonly name: string
  readonly kind: Kind
}

const MadeRoom = t.Object({ id: t.Union([t.String(), t.Integer()]), name: t.String() })
const MadeChat = t.Object({ id: t.Integer() })

/** People whose names begin with what is given and who exist nowhere else. */
export function makePeople(server: ServerUrls, ...names: string[]): Promise<Person[]> {
  return Promise.all(
    names.map(async (name) => {
      const { id, username, token } = await person(server, `${name}-${crypto.randomUUID()}`)
      return { id, username, token }
    }),
  )
}

export async function makePair(server: ServerUrls, one: string, other: string): Promise<[Person, Person]> {
  const [first, second] = await makePeople(server, one, other)
  if (first === undefined || second === undefined) throw new Error('two were asked for')
  return [first, second]
}

/** A room of the owner's with the others in it: each kind made and entered through a contract that has it. */
export async function makeRoom(
  server: ServerUrls,
  kind: Kind,
  owner: Person,
  others: readonly Person[],
  // With a space and another script, so that every contract's path has to encode it.
  name = `${kind} кімната ${crypto.randomUUID()}`,
): Promise<Room> {
  const post = (path: string, by: Person, json: unknown, options: Ask = {}) =>
    ask('POST', server.url + path, { ...options, json, token: by.token })

  if (kind === 'direct') {
    const [other] = others
    if (other === undefined || others.length > 1) throw new Error('a direct chat is for two')
    const answer = await post('/api/chats/create/', owner, { user_id: other.id })
    return { id: expectAnswer(answer, 201, MadeChat).id, name: '', kind }
  }
  if (kind === 'public') {
    const made = expectAnswer(await post('/api/v1/rooms', owner, { name }), 200, MadeRoom)
    for (const other of others) {
      const joined = await post(`/api/chat/groups/${encodeURIComponent(name)}/join/`, other, {})
      if (joined.status !== 200) throw new Error(`joining answered ${joined.status} ${joined.text}`)
    }
    return { id: Number(made.id), name, kind }
  }
  const invited = others.map(({ id }) => id)
  const made = await post('/chat/create-room/', owner, { name, type: kind, invited_users: invited })
  const { id } = expectAnswer(made, 201, MadeRoom)
  for (const other of others) {
    const joined = await post('/chat/join-room/', other, { room_id: id })
    if (joined.status !== 200) throw new Error(`joining answered ${joined.status} ${joined.text}`)
  }
  return { id: Number(id), name, kind }
}
