import type { ISql } from 'postgres'
import { all } from '../../src/client/index.ts'
import { enter } from '../api/v2/support/rooms.ts'
import { connect } from '../api/v2/support/v2-client.ts'
import type { Device } from './device.ts'

/**
 * Returns a line for each count of unread messages, mentions or replies that the user is told in any way and that a recount contradicts.
 * Nothing may be under way.
 */
export async function countsThatDiffer(url: string, { client, who }: Device, sql: ISql): Promise<string[]> {
  const { api } = client
  const rooms = await roomsOf(sql, who.id)
  const told: Told[] = []
  const tell = (way: string, room: number, { unread, mentions }: Counts) =>
    told.push({ way, place: `${room}`, unread, mentions: mentions ?? 0 })
  for await (const room of all((page) => api.rooms.list(page))) tell('the list', room.id, room)
  for await (const { room } of all((page) => api.recent(page))) tell('the recent rooms', room.id, room)
  const listed = new Map<number, number>()
  for await (const { room, unread } of all((page) => api.unread(page))) listed.set(room, unread)
  const socket = await connect({ wsUrl: url.replace('http', 'ws') }, who)
  for (const { place, head } of rooms) {
    const room = Number(place)
    tell('the room', room, await api.rooms.get(room))
    tell('the snapshot', room, (await api.rooms.snapshot(room, 0)).room)
    tell('the marks', room, await api.rooms.mark(room, { delivered_seq: 0 }))
    tell('the state', room, (await enter(socket, room, head)).state)
    told.push({ way: 'the unread rooms', place, unread: listed.get(room) ?? 0, mentions: undefined })
  }
  await socket.close()
  const threads = await threadsOf(sql, who.id)
  for await (const { own } of all((page) => api.threads.followed(page))) {
    const place = `${own.room} ${own.root}`
    const { own: alone } = await api.threads.get(own.room, own.root, { limit: 1 })
    for (const [way, { unread }] of [
      ['the followed threads', own] as const,
      ['the thread', alone] as const,
    ]) {
      told.push({ way, place, unread, mentions: undefined })
    }
  }
  const counted = new Map([...rooms, ...threads].map((each) => [each.place, each]))
  return told.flatMap(({ way, place, unread, mentions }) => {
    const real = counted.get(place)
    const isEqual =
      real !== undefined && unread === real.unread && (mentions === undefined || mentions === real.mentions)
    const shown = `${unread} unread, ${mentions} mentions`
    return isEqual ? [] : [`user ${who.id}, ${way}, ${place}: ${shown}, counted ${JSON.stringify(real)}`]
  })
}

function roomsOf(sql: ISql, user: number): Promise<(Counted & { head: number })[]> {
  return sql<(Counted & { head: number })[]>`
    select m.room_id::text as place, r.last_seq::float8 as head,
      (
        select count(*)::int from messages where room_id = m.room_id and seq > own.read and sender_id <> m.user_id
          and deleted_at is null and in_room
      ) as unread,
      (
        select count(*)::int from messages s where room_id = m.room_id and seq > own.read and sender_id <> m.user_id
          and deleted_at is null and (
            (details->'mentions'->>'room')::boolean
              and not exists (select from user_blocks where user_id = m.user_id and blocked_id = s.sender_id)
            or exists (select from mentions where room_id = s.room_id and seq = s.seq and user_id = m.user_id)
          )
      ) as mentions
    from members m join rooms r on r.id = m.room_id, lateral (select coalesce(unread_after, read_seq) as read) own
    where m.user_id = ${user}`
}

function threadsOf(sql: ISql, user: number): Promise<Counted[]> {
  return sql<Counted[]>`
    select f.room_id || ' ' || f.root as place, 0 as mentions,
      (
        select count(*)::int from messages where room_id = f.room_id and thread = f.root and seq > f.read_seq
          and sender_id <> f.user_id and deleted_at is null
      ) as unread
    from thread_follows f where f.user_id = ${user}`
}

interface Counts {
  readonly unread: number
  readonly mentions?: number
}

interface Counted {
  readonly place: string
  readonly unread: number
  readonly mentions: number
}

interface Told {
  readonly way: string
  /** A room, or a room and the number of the message that begins a thread. */
  readonly place: string
  readonly unread: number
  /** undefined if this way does not tell them. */
  readonly mentions: number | undefined
}
