// A database from before there were rules for names: what is in it goes on, and is told once.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { usernameKey } from '../../src/core/index.ts'
import { HERE } from '../core/fakes/accounts-rig.ts'
import { present } from '../core/fakes/values.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'

const USERS = ['alice', 'al\u034fice', '\u3164', 'аlice', 'bob']
const ROOMS = ['Lobby', 'lobby', 'lobby ', '\u200b', 'cafe\u0301', 'a\u202eb', 'plain']

let sql: Sql
let app: TestApp
let ids: Map<string, number>

beforeAll(async () => {
  const url = await createMigratedDatabase()
  sql = postgres(url, { max: 1, onnotice: () => undefined })
  const hash = await Bun.password.hash('correct horse', { algorithm: 'argon2id', memoryCost: 8, timeCost: 1 })
  ids = new Map()
  for (const name of USERS) {
    const [row] = await sql<{ id: string }[]>`
      insert into users (username, username_key, password_hash) values (${name}, ${present(usernameKey(name))}, ${hash})
      returning id`
    ids.set(name, Number(row?.id))
  }
  for (const name of ROOMS) {
    const [row] = await sql<
      { id: string }[]
    >`insert into rooms (name, kind) values (${name}, 'public') returning id`
    ids.set(name, Number(row?.id))
  }
  app = await startApp({ DATABASE_URL: url })
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

test('the log counts the names that break the rules, and says which they are', () => {
  const lines = app.logs().filter((line) => line.includes('names from an earlier version'))
  expect(lines).toHaveLength(1)
  expect(JSON.parse(present(lines[0]))).toMatchObject({
    users: 2,
    rooms: 4,
    user_ids: ['al\u034fice', '\u3164'].map((name) => ids.get(name)),
    room_ids: expect.arrayContaining(
      ['lobby ', '\u200b', 'cafe\u0301', 'a\u202eb'].map((name) => ids.get(name)),
    ),
  })
})

test('every account signs in by its name', async () => {
  for (const name of USERS) {
    expect((await app.chat.accounts.login(name, 'correct horse', HERE)).user).toMatchObject({
      id: ids.get(name),
      username: name,
    })
  }
})

test('every room is found by its name, and joined', async () => {
  const bob = present(
    await app.chat.accounts.user((await app.chat.accounts.login('bob', 'correct horse', HERE)).user.id),
  )
  for (const name of ROOMS) {
    const { room } = await app.chat.membership.join({ name }, bob)
    expect([Number(room.id), room.name]).toEqual([present(ids.get(name)), name])
  }
})

test('names that are new may not be like them', async () => {
  for (const name of ['LOBBY', 'Café', 'lоbby']) {
    await expect(app.chat.rooms.create({ name, kind: 'public' }, null)).rejects.toMatchObject({
      kind: 'conflict',
    })
  }
  for (const name of ['ALICE', 'alicе', 'bоb']) {
    const made = app.chat.accounts.registerWithoutPassword(name, HERE)
    await expect(made).rejects.toMatchObject({ kind: 'conflict' })
  }
})

test('what a node of the version before makes is found at once by its exact name', async () => {
  const [row] = await sql<{ room: string }[]>`
    select room from parley_create_room(p_name => 'Of Before', p_kind => 'public', p_creator => null,
      p_description => '', p_avatar => '', p_invited => '{}')`
  const found = async (name: string) => (await app.core.chat.rooms.visible({ name }, null)).room.id
  expect(Number(row?.room)).toBe(await found('Of Before'))
  const again = sql`select parley_create_room(p_name => 'Of Before', p_kind => 'private', p_creator => null,
      p_description => '', p_avatar => '', p_invited => '{}')`
  await expect(again.execute()).rejects.toMatchObject({ code: '23505' })
})
