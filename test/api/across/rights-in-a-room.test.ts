// Each right of a room × each route and socket request of v2 that needs it × users of each standing, in a public and in a private room.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ClientFrame, ErrorFrame, ProblemDetails } from '../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../src/core/index.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { cases } from '../support/contracts/rights.ts'
import { ask } from '../support/rest.ts'
import { parse } from '../support/shape.ts'
import { makeRoom, person, say } from '../v2/support/people.ts'
import { connect, type Unnumbered, type V2Client } from '../v2/support/v2-client.ts'

const standings = ['outsider', 'invited', 'banned', 'muted', 'demoted'] as const
type Standing = (typeof standings)[number]
type Kind = 'public' | 'private'
/** What somebody is told: a code of a refusal, or `done` for everything that rights do not refuse. */
type Told = 'done' | 'not_found' | 'forbidden' | 'banned' | 'muted'

/** Who may, and what the others are told: first in a public room, then in a private one. */
const rights = {
  see: row('done done done done done', 'not_found done not_found done done'),
  read: row('done done banned done done', 'not_found forbidden not_found done done'),
  be: row('forbidden forbidden banned done done', 'not_found forbidden not_found done done'),
  speak: row('forbidden forbidden banned muted done', 'not_found forbidden not_found muted done'),
  /** Their own message, of which only a member has one: others are refused because they may not read, or because it is another's. */
  edit: row('forbidden forbidden banned muted done', 'not_found forbidden not_found muted done'),
  remove: row('forbidden forbidden banned done done', 'not_found forbidden not_found done done'),
  manage: row(
    'forbidden forbidden banned forbidden forbidden',
    'not_found forbidden not_found forbidden forbidden',
  ),
  join: row('done done banned done done', 'not_found done not_found done done'),
  /** Someone who has no invitation is told that there is none. */
  decline: row('done done done done done', 'not_found done not_found done done'),
} satisfies Record<string, Readonly<Record<Kind, Readonly<Record<Standing, Told>>>>>
type Right = keyof typeof rights

/** By the route after `/api/v2/rooms/{room}`. */
const routes: Readonly<Record<string, Right>> = {
  'GET ': 'see',
  'PATCH ': 'manage',
  'DELETE ': 'manage',
  'GET /snapshot': 'be',
  'GET /members': 'read',
  'GET /members/{user}': 'read',
  'PATCH /members/{user}': 'manage',
  'DELETE /members/{user}': 'manage',
  'GET /invitations': 'be',
  'POST /invitations': 'be',
  'GET /messages': 'read',
  'POST /messages': 'speak',
  'GET /messages/{seq}': 'read',
  'PATCH /messages/{seq}': 'edit',
  'POST /ephemeral': 'speak',
  'GET /messages/{seq}/revisions': 'remove',
  'GET /messages/{seq}/reactions': 'read',
  'PUT /messages/{seq}/reactions/{reaction}': 'speak',
  'DELETE /messages/{seq}/reactions/{reaction}': 'speak',
  'GET /pins': 'read',
  'PUT /messages/{seq}/pin': 'manage',
  'DELETE /messages/{seq}/pin': 'manage',
  'GET /messages/{seq}/thread': 'read',
  'PUT /messages/{seq}/thread/follow': 'be',
  'DELETE /messages/{seq}/thread/follow': 'be',
  'GET /messages/{seq}/thread/notifications': 'be',
  'PUT /messages/{seq}/thread/notifications': 'be',
  'DELETE /messages/{seq}/thread/notifications': 'be',
  'GET /notifications': 'be',
  'PUT /notifications': 'be',
  'PUT /messages/{seq}/thread/read': 'be',
  'POST /attachments': 'speak',
  'GET /attachments': 'read',
  'GET /attachments/{attachment}': 'read',
  'GET /attachments/{attachment}/file': 'read',
  'POST /uploads': 'speak',
  'POST /uploads/complete': 'speak',
  'GET /changes': 'read',
  'GET /bans': 'manage',
  'PUT /bans/{user}': 'manage',
  'DELETE /bans/{user}': 'manage',
  'GET /mutes': 'manage',
  'PUT /mutes/{user}': 'manage',
  'DELETE /mutes/{user}': 'manage',
  'POST /messages/{seq}/report': 'be',
  'GET /reports': 'manage',
  'PUT /reports/{report}': 'manage',
  'GET /audit': 'manage',
  'PUT /marks': 'be',
  'PUT /marks/unread': 'be',
  'GET /presence': 'be',
  'DELETE /messages/{seq}': 'remove',
  'DELETE /invitations/{user}': 'decline',
  'PUT /members/me': 'join',
}

interface Scene {
  readonly room: RoomId
  /** The caller's own message, or that of another if they have none. */
  readonly seq: number
  readonly owner: number
}

/** The requests about a room, and those that are about none. */
const requests: Readonly<Record<ClientFrame['type'], ((scene: Scene) => Asked) | 'own'>> = {
  auth: 'own',
  ping: 'own',
  memberships: 'own',
  private: 'own',
  unsubscribe: 'own',
  subscribe: ({ room }) => ['be', { type: 'subscribe', room }],
  send: ({ room }) => ['speak', { type: 'send', room, body: 'words' }],
  ephemeral: ({ room, owner }) => ['speak', { type: 'ephemeral', room, user: owner, body: 'words' }],
  edit: ({ room, seq }) => ['edit', { type: 'edit', room, seq, body: 'other words' }],
  react: ({ room, seq }) => ['speak', { type: 'react', room, seq, reaction: 'a', on: true }],
  pin: ({ room, seq }) => ['manage', { type: 'pin', room, seq, on: true }],
  read: ({ room }) => ['be', { type: 'read', room, seq: 1 }],
  delivered: ({ room }) => ['be', { type: 'delivered', room, seq: 1 }],
  mark_unread: ({ room }) => ['be', { type: 'mark_unread', room, seq: 1 }],
  thread_follow: ({ room, seq }) => ['be', { type: 'thread_follow', room, seq, follow: true }],
  thread_read: ({ room, seq }) => ['be', { type: 'thread_read', room, seq, read_seq: seq }],
  save: ({ room, seq }) => ['read', { type: 'save', room, seq, on: true }],
  draft: ({ room }) => ['be', { type: 'draft', room, text: 'words' }],
  notifications: ({ room }) => ['be', { type: 'notifications', room, level: 'none' }],
  report: ({ room, seq }) => ['be', { type: 'report', room, seq, reason: '' }],
  ban: ({ room, owner: user }) => ['manage', { type: 'ban', room, user }],
  unban: ({ room, owner: user }) => ['manage', { type: 'unban', room, user }],
  mute: ({ room, owner: user }) => ['manage', { type: 'mute', room, user }],
  unmute: ({ room, owner: user }) => ['manage', { type: 'unmute', room, user }],
  // Asked once the room is subscribed to.
  typing: ({ room }) => ['be', { type: 'typing', room, typing: true }],
  delete: ({ room, seq }) => ['remove', { type: 'delete', room, seq }],
}
type Asked = readonly [Right, Unnumbered]

let app: TestApp

beforeAll(async () => {
  app = await startApp()
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

test('every route about a room and every socket request has a right', () => {
  const known = Object.keys(routes).map((name) => name.replace(' ', ` ${ROOM}`))
  expect(
    Object.keys(cases)
      .filter((name) => name.includes(` ${ROOM}`))
      .sort(),
  ).toEqual(known.sort())
  const types = ClientFrame.anyOf.map(({ properties }) => properties.type.const)
  expect<string[]>(types.toSorted()).toEqual(Object.keys(requests).sort())
})

describe.each(['public', 'private'] as const)('in a %s room', (kind) => {
  test.each(standings)('each route tells someone who is %s what their standing allows', async (standing) => {
    const scene = await stand(kind, standing)
    const answers: string[] = []
    const wanted: string[] = []
    for (const [name, right] of Object.entries(routes)) {
      const found = cases[name.replace(' ', ` ${ROOM}`)]
      if (found?.kind !== 'refuses') throw new Error(`there is no case for ${name}`)
      const [method = '', path = ''] = name.split(' ')
      // Whoever joins has another standing afterwards, and whoever declines.
      const { who, room, seq } = right === 'join' || right === 'decline' ? await stand(kind, standing) : scene
      const made = found.request(
        { kind: 'private', id: room, name: '' },
        { ...who, call: never, open: never },
      )
      const at = path.includes('{seq}') ? made.path.replace('/messages/1', `/messages/${seq}`) : made.path
      const json = made.json === undefined ? {} : { json: made.json }
      const { status, json: body } = await ask(method, app.url + at, { token: who.token, ...json })
      answers.push(`${name}: ${status < 400 || status === 409 ? 'done' : told(parse(ProblemDetails, body))}`)
      wanted.push(`${name}: ${rights[right][kind][standing]}`)
    }
    expect(answers).toEqual(wanted)
  })

  test.each(standings)('each socket request does the same for someone who is %s', async (standing) => {
    const { who, ...scene } = await stand(kind, standing)
    const client: V2Client = await connect(app, who)
    const answers: string[] = []
    const wanted: string[] = []
    for (const make of Object.values(requests)) {
      if (make === 'own') continue
      const [right, request] = make(scene)
      const answer = await client.ask(request)
      answers.push(`${request.type}: ${answer.type === 'error' ? told(parse(ErrorFrame, answer)) : 'done'}`)
      const expected = rights[right][kind][standing]
      wanted.push(
        `${request.type}: ${request.type === 'typing' && expected !== 'done' ? 'conflict' : expected}`,
      )
    }
    expect(answers).toEqual(wanted)
    await client.close()
  })
})

const ROOM = '/api/v2/rooms/{room}'

/** Of what rights do not refuse, it does not matter here how it fails otherwise. */
function told({ code, message, detail }: { code: string; message?: string; detail?: string }): string {
  if (code !== 'not_found')
    return ['invalid', 'unsupported_media', 'too_large'].includes(code) ? 'done' : code
  return (message ?? detail) === 'Room not found' ? 'not_found' : 'done'
}

function never(): never {
  throw new Error('the request is made by the test')
}

/** Somebody of the standing in a room of their own, who has said something there if they have ever been a member. */
async function stand(kind: Kind, standing: Standing) {
  const [owner, who] = [await person(app, 'owner'), await person(app, 'someone')]
  const { membership, moderation } = app.chat
  const isMember = standing === 'muted' || standing === 'demoted' || standing === 'banned'
  const room = await makeRoom(app, owner, isMember ? [who] : [], kind)
  const ref = { id: room }
  const seq = await say(app, room, isMember ? who : owner, 'words')
  if (standing === 'invited') await membership.invite(ref, owner, [who.id])
  if (standing === 'banned') await moderation.ban(ref, owner, who.id, {})
  if (standing === 'muted') await moderation.mute(ref, owner, who.id, {})
  if (standing === 'demoted') {
    await membership.setRole(ref, owner, who.id, 'admin')
    await membership.setRole(ref, owner, who.id, 'member')
  }
  return { who, room, seq, owner: owner.id }
}

function row(inPublic: string, inPrivate: string) {
  return { public: tellings(inPublic), private: tellings(inPrivate) }
}

function tellings(words: string): Readonly<Record<Standing, Told>> {
  const [outsider, invited, banned, muted, demoted] = words.split(' ').map(toTold)
  if (!outsider || !invited || !banned || !muted || !demoted)
    throw new Error(`one for each standing: ${words}`)
  return { outsider, invited, banned, muted, demoted }
}

function toTold(word: string): Told {
  if (
    word === 'done' ||
    word === 'not_found' ||
    word === 'forbidden' ||
    word === 'banned' ||
    word === 'muted'
  )
    return word
  throw new Error(`${word} is no code`)
}
