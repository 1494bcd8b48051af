import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Sql } from 'postgres'
import { type MessagesWanted, MOST_PINS, type Seq, type Store } from '../../src/core/index.ts'
import { queryOf } from '../../src/core/search/query.ts'
import { createStore } from '../../src/store/index.ts'
import { draft, id, present, seq, userRef } from '../core/fakes/values.ts'
import { type Population, populate } from '../measure/bench/growth/population.ts'
import { type Question, questions } from '../measure/bench/growth/questions.ts'
import { index, indexAll } from '../ports/search-index.ts'
import { batchOf } from '../ports/world.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { type Executed, type Watch, watchPlans } from './plans-watch.ts'

/** So many that whoever reads a whole table, or a whole room, passes the bound below. */
const POPULATION: Population = { numbers: 40, rooms: 1400, longer: 300, users: 2000, joined: 1300 }
/** What a page and all that belongs to it may take; each step of a statement is held to it. */
const MOST_ROWS = 1300
/** The messages of which the search reads the index at once. */
const BLOCK = 4096
/** Postgres settles on a plan for all parameters, or on none, after five executions. */
const TIMES = 7

describe('every statement of the store reads few rows, in a long room and for a user in many rooms', () => {
  let watch: Watch
  beforeAll(async () => {
    watch = watchPlans(await createMigratedDatabase())
    await watch.sql`alter table messages set (autovacuum_enabled = off)`
    await populate(watch.sql, POPULATION)
    await talkInDirect(storeOf(watch.sql))
    await likeMuch(storeOf(watch.sql))
    await pinMuch(watch.sql)
    await uploadMuch(watch.sql)
    await watch.sql`insert into private_heads (user_id, seq) values (1, 5000), (2, 5000)`
    // User 1 has drafts in many rooms and has saved many messages, and others have, too.
    await watch.sql`insert into private_entries (user_id, room_id, type, item, seq, value, created_at)
      select 1 + n % 2, 1 + n / 4, case n / 2 % 2 when 0 then 'draft' else 'saved' end, n / 2 % 2, n, '{"text":"a","message":1}', now()
      from generate_series(1, 5000) n`
    await replyMuch(storeOf(watch.sql))
    await watch.sql`delete from search_queue`
    await watch.sql`insert into search_queue (first_id, last_id)
      select first, first + 499 from generate_series((select max(id) - ${2 * BLOCK}::int from messages), (select max(id) from messages), 500) first`
    await indexAll(storeOf(watch.sql))
    await reviseMuch(watch.sql)
    await watch.sql`insert into rooms (name, name_key, look_alike, kind)
      select 'of many', 'of many', 'of rnany', 'private' from generate_series(1, ${MOST_ROWS + 100}::int)`
  })
  afterAll(() => watch.close())

  test('as long as there are no statistics', async () => {
    expect(await misreadings()).toEqual([])
  })

  test('with statistics', async () => {
    await watch.sql`vacuum (analyze)`
    expect(await misreadings()).toEqual([])
  })

  test('with statistics older than the long room', async () => {
    for (const table of [
      'messages',
      'room_events',
      'members',
      'reactions',
      'reaction_summaries',
      'attachments',
      'message_revisions',
      'pins',
      ...THREADS,
    ]) {
      const [all, kept] = [watch.sql(table), watch.sql(`kept_${table}`)]
      await watch.sql`create table ${kept} as select * from ${all} where room_id = 1`
      await watch.sql`delete from ${all} where room_id = 1`
      // So that every room has its own in them, and none is thought to be left.
      await watch.sql`alter table ${all} alter column room_id set statistics 10000`
      await watch.sql`vacuum (analyze) ${all}`
      await watch.sql`insert into ${all} overriding system value select * from ${kept}`
    }
    expect(await misreadings()).toEqual([])
  })

  test.each([
    ['a table from end to end', "select from messages where body like '%7' limit 1000", 'Seq Scan messages'],
    ['a room sorted', 'select from messages where room_id = 1 order by body limit 1', 'Scan messages'],
    ['a room counted', 'select count(*) from messages where room_id = 1', 'Scan messages'],
    ['a table hashed', 'select from (select 7 union select 8) a(id) full join users using (id)', 'Hash'],
  ])('a statement that reads too many is found: %s', async (_, text, found) => {
    watch.executed()
    await watch.sql.unsafe(text)
    expect(watch.executed().flatMap(misread).join()).toContain(found)
  })

  /** Asks everything, repeatedly, and writes and revises messages. @returns what should not have been done for it */
  async function misreadings(): Promise<string[]> {
    const store = storeOf(watch.sql)
    const found = new Set<string>()
    watch.executed()
    for (const { name, ask } of [...questions(store, POPULATION), ...others(store)]) {
      for (let turn = 0; turn < TIMES; turn++) {
        await ask(turn)
        const executed = watch.executed()
        expect(executed.length).toBeGreaterThan(0)
        for (const text of executed.flatMap(misread)) found.add(`${name}: ${text}`)
      }
    }
    return [...found]
  }
})

/** What the benchmark leaves out. */
function others(store: Store): Question[] {
  const sender = userRef(2)
  const said = (turn: number) => batchOf([2, 3, 5].map((room) => draft(room, 2, `key-${room}-${turn}`)))
  const hash = new Uint8Array(32)
  return [
    ...attachmentQuestions(store),
    { name: 'reaction taken back', ask: (turn) => react(store, [2 + turn], '👍', false) },
    { name: 'reaction', ask: (turn) => react(store, [2 + turn]) },
    { name: 'another reaction', ask: (turn) => react(store, [7], `r${turn}`) },
    ...[null, '👍', 'nothing'].map((reaction) => ({
      name: `reactions to a message, ${reaction}`,
      ask: () => store.reactionsTo(id(1), liked, reaction, { after: 0, limit: 50 }),
    })),
    { name: 'pin', ask: (turn) => pinOne(store, turn, true) },
    { name: 'pin taken back', ask: (turn) => pinOne(store, turn, false) },
    { name: 'pinned messages', ask: () => store.pinned(id(1), null, 50) },
    { name: 'pinned messages, further on', ask: () => store.pinned(id(1), likedAt, 50) },
    { name: 'former texts', ask: () => store.revisionsOf(id(1), liked, { after: 0, limit: 50 }) },
    {
      name: 'history with reactions',
      ask: () => store.history(id(1), { around: liked }, 50, { tombstones: true, viewer: id(1) }),
    },
    ...(['latest', { before: replied }, { after: liked }, { around: replied }] as const).map((where) => ({
      name: `thread ${JSON.stringify(where)}`,
      ask: () => store.thread({ room: id(1), message: replied, viewer: id(7), tombstones: true }, where, 50),
    })),
    { name: 'threads', ask: () => store.followedThreads(id(1), { skip: 0, limit: 50 }) },
    { name: 'thread followed', ask: (turn) => store.followThread(id(7), id(1), replied, turn % 2 === 0) },
    { name: 'thread read', ask: (turn) => store.readThread(id(1), id(1), replied, seq(replied + turn)) },
    { name: 'replies', ask: (turn) => store.append(0, answers(`again-${crypto.randomUUID()}`, 3, turn)) },
    {
      name: 'reply deleted',
      async ask() {
        const access = present(await store.accessFacts({ id: id(1) }, sender.id))
        const wanted = { room: id(1), message: replied, viewer: sender.id, tombstones: false }
        const { page } = present(await store.thread(wanted, 'latest', 1))
        return present(await store.revise(access, sender.id, present(page.messages[0]), null))
      },
    },
    {
      name: 'changes with threads',
      ask: () => store.changes(id(1), replied, 50),
    },
    { name: 'changes with reactions', ask: () => store.changes(id(1), likedAt, 50) },
    { name: 'direct chats', ask: () => store.directs(id(1), 50) },
    { name: 'direct chats, much unread', ask: () => store.directs(SILENT, 50) },
    { name: 'rooms direct', ask: () => store.views(id(1), 'direct', { after: 0, limit: 50 }) },
    ...['room 1', 'room 99', 'Room', 'nothing'].map((name) => ({
      name: `rooms named ${name}`,
      ask: () => store.roomsNamed(id(1), name, 50),
    })),
    { name: 'rooms recent', ask: () => store.recentRooms(id(1), { skip: 0, limit: 50 }) },
    { name: 'rooms recent, further on', ask: () => store.recentRooms(id(1), { skip: 900, limit: 50 }) },
    { name: 'rooms invited', ask: () => store.views(id(1), 'invited', { after: 0, limit: 50 }) },
    { name: 'invitations', ask: () => store.invitations(id(1), { after: 0, limit: 50 }) },
    { name: 'member ids', ask: () => store.memberIds(id(1), 200) },
    { name: 'room by name', ask: () => store.view({ name: 'room 1' }, id(1)) },
    { name: 'room by a name of many', ask: () => store.accessFacts({ name: 'of many' }, id(7)) },
    {
      name: 'room made',
      ask: (turn) => store.createRoom({ ...ROOM, name: `of many ${turn} ${crypto.randomUUID()}` }),
    },
    { name: 'user made', ask: () => store.createUser(`us\u00e9r-${crypto.randomUUID()}`, null, 'open') },
    { name: 'names folded', ask: () => store.foldNames() },
    { name: 'user by name', ask: () => store.credentials('user-7') },
    ...['user-199', 'user-1999', 'nobody'].map((search) => ({
      name: `users who begin with ${search}`,
      ask: () => store.users({ after: 0, limit: 50 }, search),
    })),
    { name: 'known clients', ask: () => store.knownClients('user-7', [hash, hash.with(0, 1)]) },
    { name: 'client seen', ask: () => store.addKnownClients(sender.id, [hash]) },
    { name: 'guest', ask: () => store.takeGuest(`guest-${crypto.randomUUID()}`) },
    { name: 'guests there', ask: () => store.guestStays(0, 1000) },
    {
      name: 'guest gone',
      async ask() {
        const { stay } = await store.takeGuest(`guest-${crypto.randomUUID()}`)
        await store.keepGuests([stay])
        await store.freeGuest(present(await store.claimGuest(stay)).stay)
      },
    },
    { name: 'token owner', ask: () => store.tokenOwner(hash) },
    { name: 'tokens', ask: () => store.tokensOf(id(1)) },
    {
      name: 'membership changes',
      ask: (turn) => store.membershipChangesOf([{ user: id(1), after: seq(turn * 100) }], 50),
    },
    {
      name: 'private changes',
      ask: (turn) => store.privateChangesOf([{ user: id(1), after: seq(turn * 100) }], 50),
    },
    { name: 'private heads', ask: () => store.privateHeads([1, 2, 3].map((user) => id(user))) },
    { name: 'draft', ask: () => store.draft(id(1), id(1)) },
    { name: 'drafts', ask: (turn) => store.drafts(id(1), seq(turn * 100), 50) },
    {
      name: 'set draft',
      ask: (turn) =>
        store.setDraft(id(1), id(1), { value: { text: `${turn}`, replyTo: null }, base: null, agoMs: 0 }),
    },
    {
      name: 'saved message',
      ask: (turn) => store.saveMessage(id(1), id(1), seq(turn + 1), turn % 2 === 0, 1000),
    },
    { name: 'saved messages', ask: () => store.savedMessages(id(1), null, 50) },
    { name: 'mark unread', ask: (turn) => store.markUnread(id(1), id(1), seq(turn + 1)) },
    { name: 'membership heads', ask: () => store.membershipHeads([1, 2, 3].map((user) => id(user))) },
    {
      name: 'membership',
      async ask() {
        const room = { id: id(2) }
        const owner = present(await store.accessFacts(room, sender.id))
        const actor = userRef(present(owner.room.creator).id)
        const actorAccess = present(await store.accessFacts(room, actor.id))
        await store.invite(actorAccess, actor, [userRef(1998)])
        await store.uninvite({ actor, actorAccess, user: userRef(1998), invitedBy: actor.id })
        await store.sweep()
      },
    },
    {
      name: 'search',
      ask: () => found(store, 'message', {}),
    },
    { name: 'search for what nobody said', ask: () => found(store, 'zzqqzz', {}) },
    { name: 'search in a room', ask: () => found(store, 'message', { room: id(1) }) },
    {
      name: 'search of a sender with files',
      ask: () => found(store, 'message', { sender: id(2), files: true }),
    },
    {
      name: 'search in a time',
      ask: () => found(store, 'message', { from: new Date(Date.now() - 1000), until: new Date() }),
    },
    {
      name: 'index',
      async ask() {
        const work = await store.unindexed()
        if (work !== null) await index(store, work)
      },
    },
    { name: 'append', ask: (turn) => store.append(0, said(turn)) },
    { name: 'append again', ask: (turn) => store.append(0, said(turn)) },
    {
      name: 'revise',
      async ask(turn) {
        const access = present(await store.accessFacts({ id: id(1) }, sender.id))
        const around = { around: seq(1000 + turn) }
        const { messages } = await store.history(id(1), around, 4, { tombstones: false })
        return present(await store.revise(access, sender.id, present(messages[0]), 'other words'))
      },
    },
  ]
}

const ROOM = { kind: 'private', creator: userRef(1), description: '', avatar: '', invited: [] } as const

function found(store: Store, text: string, more: Partial<MessagesWanted>) {
  const { grams, some } = queryOf(text)
  const plain = { room: null, sender: null, files: false, from: null, until: null, below: null, limit: 20 }
  return store.findMessages({ user: id(1), grams, some, ...plain, ...more })
}

/** Somebody who has read nothing of a long direct chat. */
const SILENT = id(1999)

const THREADS = ['threads', 'thread_replies', 'thread_participants', 'thread_follows']

/** A reply in the long thread of the long room, in which everybody has replied. */
let replied: Seq

async function replyMuch(store: Store): Promise<void> {
  const users = POPULATION.longer
  for (let turn = 0; turn < 6; turn++) {
    const { seqs } = await store.append(0, answers(`reply-${turn}`, users, 0))
    replied = present(seqs[0])
  }
  // Threads of one reply each, which user 1 follows.
  const { messages } = await store.history(id(1), 'latest', 200, { tombstones: false })
  for (const { seq: root } of messages) await store.followThread(id(1), id(1), root, true)
}

/** Replies to the message that everybody likes. */
function answers(key: string, count: number, first: number) {
  const drafts = Array.from({ length: count }, (_, n) =>
    draft(1, 1 + ((first + n) % 300), `${key}-${n}`, { replyTo: liked }),
  )
  return batchOf(drafts)
}

/** A message of the long room to which everybody reacts, and the room's number before they did. */
let liked: Seq
let likedAt: Seq

/** One user has uploaded much to the long room: most of it is sent, and the rest is in each other state. */
async function uploadMuch(sql: Sql): Promise<void> {
  await sql`insert into attachments (room_id, uploader_id, key, state, seq, name, type, size, has_thumbnail, created_at)
    select 1, 1, 'key-' || n, case when n % 8 = 0 then 'new' when n % 8 = 1 then 'stored' when n % 8 = 2 then 'ended' else 'sent' end,
      case when n % 8 > 2 then n end, 'a', 'a/b', 1, false, now() - n * interval '1 second'
    from generate_series(1, ${MOST_ROWS * 9}::int) n`
  await sql`insert into attachment_usage values (1, 0, now(), 0, 0)`
}

function attachmentQuestions(store: Store): Question[] {
  const limits = { quotaBytes: 1e9, bytesPerHour: 1e9, filesPerHour: 1e6 }
  const facts = {
    name: 'a',
    type: 'a/b',
    size: 1,
    width: null,
    height: null,
    placeholder: null,
    hasThumbnail: false,
  }
  const add = async () => {
    const added = await store.addAttachment(
      { room: id(2), uploader: id(2), key: crypto.randomUUID(), ...facts },
      limits,
    )
    if (typeof added !== 'number') throw new Error('the limits do not allow it')
    await store.storedAttachment(added)
    return added
  }
  return [
    { name: 'attachments by id', ask: () => store.attachments(id(1), id(1), [id(3), id(700), id(9000)]) },
    { name: 'upload allowance', ask: () => store.uploadAllowance(id(1), limits) },
    {
      name: 'attachment sent',
      ask: async () => {
        const details = { attachments: [await add()] }
        await store.append(0, batchOf([{ ...draft(id(2), 2, crypto.randomUUID()), details }]))
      },
    },
    { name: 'attachments lapsed', ask: () => store.lapseAttachments(60_000, 50) },
    {
      name: 'attachments forgotten',
      ask: async () => store.forgetAttachments((await store.endedAttachments(50)).map((each) => each.id)),
    },
    { name: 'contents known', ask: () => store.knownContents(['key-1', 'key-9', 'none']) },
    { name: 'shared secret', ask: () => store.sharedSecret('a', 'b') },
  ]
}

/** Former texts of the latest messages of the long room and of some others. */
async function reviseMuch(sql: Sql): Promise<void> {
  await sql`
    insert into message_revisions (room_id, seq, version, body, created_at, replaced_at)
    select m.room_id, m.seq, m.seq + n, 'former words', m.created_at, now()
    from (select * from messages where room_id = 1 and seq > ${liked} - 500 or room_id in (2, 3) and seq < 100) m
    cross join generate_series(0, 9) n`
}

async function likeMuch(store: Store): Promise<void> {
  const { messages, head } = await store.history(id(1), 'latest', 1, { tombstones: false })
  ;[liked, likedAt] = [present(messages[0]).seq, head]
  await react(
    store,
    Array.from({ length: POPULATION.users }, (_, n) => n + 1),
  )
  expect((await store.reactionsTo(id(1), liked, null, { after: 0, limit: 5000 })).length).toBeGreaterThan(
    MOST_ROWS,
  )
}

async function pinOne(store: Store, turn: number, on: boolean): Promise<void> {
  const access = present(await store.accessFacts({ id: id(1) }, id(2)))
  await store.pin(access, userRef(2), seq(liked - 50 - turn), on, MOST_PINS)
}

/** Nearly as many in the long room, and some in others. */
async function pinMuch(sql: Sql): Promise<void> {
  await sql`insert into pins (room_id, seq, user_id, event_seq, created_at)
    (select room_id, seq, 1, seq, now() from messages where room_id = 1 and seq < ${liked - 100} order by seq desc limit 900)
    union all (select room_id, seq, 1, seq, now() from messages where room_id > 1 limit 9000)`
}

function react(store: Store, users: readonly number[], reaction = '👍', on = true) {
  const wanted = users.map((user) => ({ message: liked, user: id(user), reaction, on }))
  return store.react(id(1), wanted, { windowMs: 0, own: 20, kinds: 50 })
}

async function talkInDirect(store: Store): Promise<void> {
  const talker = userRef(2000)
  const { room } = await store.openDirect(SILENT, talker.id)
  const said = Array.from({ length: 6000 }, (_, n) => draft(room.id, talker.id, `direct-${n}`))
  await store.append(0, batchOf(said))
}

function storeOf(sql: Sql): Store {
  return createStore(sql, [sql], { queryTimeoutMs: 30_000 })
}

function misread({ steps }: Executed): string[] {
  return steps.flatMap(({ kind, table, rows }) =>
    rows > (table === 'search_docs' ? BLOCK : MOST_ROWS) ? [`${kind} ${table ?? ''} of ${rows} rows`] : [],
  )
}
