// The server as a newer version might be: it knows a type of events that this one lacks, by one more entry in each table of the
// registry. At SIGUSR2 it commits one such event in every room.
import { join } from 'node:path'
import { plugin } from 'bun'
import postgres from 'postgres'

/** The lines that are put before those of the last type, by the files that they are put in. */
const entries = {
  'core/events/registry.ts': 'pinned: membership,',
  'store/messages/event-rows.ts': `pinned: (roomId, { seq, actor, actorName, payload, at }) =>
    ({ type: 'pinned', roomId, seq, actor: toUserRef(actor, actorName), message: payload.message, at: new Date(at) }),`,
  'cluster/redis/streams/event-forms.ts': `pinned: {
    encode: (event) => ({ ...event, at: event.at.getTime() }),
    decode: (_, form) => ({ ...form, at: new Date(form.at) }),
  },`,
  // Clients of the present contract receive it as a change of the room.
  'api/v2/event-bodies.ts': 'pinned: (event) => roomEvent({ ...event, description: "", avatar: "" }),',
}

plugin({
  name: 'a newer version',
  setup(build) {
    for (const [file, entry] of Object.entries(entries)) {
      const path = join(import.meta.dir, '../../../src', file)
      const filter = new RegExp(`^${RegExp.escape(path)}$`)
      build.onLoad({ filter }, async () => {
        const [before, after, ...more] = (await Bun.file(path).text()).split(/^(?= {2}described: )/m)
        if (after === undefined || more.length > 0) throw new Error(`${file} has no table, or several`)
        return { contents: `${before}  ${entry}\n${after}`, loader: 'ts' }
      })
    }
  },
})

const { createApp } = await import('../../../src/app.ts')
const { loadConfig } = await import('../../../src/config.ts')
const { createLogger } = await import('../../../src/server/index.ts')
const { isId } = await import('../../../src/core/index.ts')

const config = loadConfig(process.env)
const log = createLogger(config.log)
const { core, listen, close } = await createApp(config, log, (error) => {
  throw error
})
const sql = postgres(process.env.DATABASE_URL ?? '', { max: 1, onnotice: () => undefined })

/** What the newer version's use case does: one transaction under the room's lock, then the feed. */
async function pin(room: number): Promise<void> {
  const { epoch } = core.feed
  const [row] = await sql.begin(async (tx) => {
    await tx`select parley_lock(${room})`
    return await tx<{ seq: number; actor: number; username: string; at: Date }[]>`
      with moved as (
        update rooms set last_seq = last_seq + 1 where id = ${room} returning last_seq
      ), written as (
        insert into room_events (room_id, seq, actor_id, type, created_at, payload)
          select ${room}, last_seq, min(user_id), 'pinned', date_trunc('milliseconds', clock_timestamp()), '{"message": 1}'
          from moved, members where room_id = ${room} group by last_seq
          returning seq, actor_id, created_at
      )
      select w.seq::float8 as seq, u.id::float8 as actor, u.username, w.created_at as at
      from written w join users u on u.id = w.actor_id`
  })
  if (row === undefined || !isId(room) || !isId(row.seq) || !isId(row.actor))
    throw new Error(`nothing was pinned in ${room}`)
  const { seq, actor, username, at } = row
  const facts = { roomId: room, seq, actor: { id: actor, username }, at }
  const event = { ...facts, description: '', avatar: '', metadata: null }
  // The event has a type that is not in this version's union.
  core.feed.commit(
    room,
    [Object.assign({ ...event, type: 'described' as const }, { type: 'pinned', message: 1 })],
    epoch,
  )
}

process.on('SIGUSR2', async () => {
  for (const { id } of await sql<
    { id: number }[]
  >`select distinct room_id::float8 as id from members order by id`)
    await pin(id)
})
process.on('SIGTERM', async () => {
  await close(0)
  await sql.end()
  process.exit(0)
})
log.info({ ...listen() }, 'ready')
