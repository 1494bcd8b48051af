import {
  all,
  type Client,
  type Member,
  type Message,
  type Room,
  type RoomSnapshot,
} from '../../src/client/index.ts'
import type { Device } from './device.ts'
import { differencesOfOwn } from './kept.ts'

/** Returns a line for each difference between what a device shows and the truth. */
export async function differencesOf({ client, views }: Device): Promise<string[]> {
  const found: string[] = []
  const strange = new Set(views.map(({ id }) => id))
  const joined: Room[] = []
  for await (const room of all((page) => client.api.rooms.list(page))) joined.push(room)
  const { items: invited } = await client.api.rooms.list({ scope: 'invited' })
  const list = client.rooms.getSnapshot()
  found.push(...differencesOfList('rooms', list.rooms, joined))
  found.push(...differencesOfList('invitations', list.invitations, invited))
  for (const { id, kind } of joined) {
    strange.delete(id)
    const differences = await differencesIn(client, client.room(id).getSnapshot())
    found.push(...differences.map((difference) => `${kind} room ${id}: ${difference}`))
  }
  found.push(
    ...(await differencesOfOwn(
      client,
      joined.map(({ id }) => id),
    )),
  )
  for (const id of strange) found.push(`shows room ${id}, where the user is not`)
  return found
}

function differencesOfList(what: string, shown: readonly Room[], real: readonly Room[]): string[] {
  const standing = (rooms: readonly Room[]) => rooms.map(({ id, role }) => `${id} ${role}`)
  const [ones, others] = [standing(shown), standing(real)]
  return Bun.deepEquals(ones, others) ? [] : [`${what}: ${difference(ones, others)}`]
}

async function differencesIn({ api }: Client, shown: RoomSnapshot): Promise<string[]> {
  if (shown.status !== 'live') return [`is ${shown.status}, ${shown.ended?.reason}`]
  const [{ room, members }, { online }, messages] = await Promise.all([
    api.rooms.snapshot(shown.id, 0),
    api.rooms.presence(shown.id),
    everyMessage(api, shown.id),
  ])
  const from = shown.messages[0]?.seq ?? Number.POSITIVE_INFINITY
  const facts: Record<string, readonly [shown: unknown, real: unknown]> = {
    position: [shown.position, room.head],
    room: [shown.room && lasting(shown.room), lasting(room)],
    messages: [shown.messages, messages.filter(({ seq }) => seq >= from)],
    hasOlder: [shown.hasOlder, messages.some(({ seq }) => seq < from)],
    members: [shown.members && [...shown.members.values()].sort(byUser), members],
    memberCount: [shown.memberCount, room.member_count],
    online: [
      shown.online && [...shown.online].sort(byNumber),
      online?.map(({ id }) => id).sort(byNumber) ?? null,
    ],
    unread: [shown.unread, room.unread],
    readSeq: [shown.readSeq, room.read_seq],
    deliveredSeq: [shown.deliveredSeq, room.delivered_seq],
    pending: [shown.pending.filter(({ status }) => status !== 'failed'), []],
  }
  return Object.entries(facts).flatMap(([what, [one, other]]) =>
    Bun.deepEquals(one, other) ? [] : [`${what}: ${difference(one, other)}`],
  )
}

/**
 * Leaves out when the other user was last online, since a device that was offline at that moment is not told, and the count of mentions,
 * which views do not follow.
 */
function lasting({ other, mentions: _, ...room }: Room) {
  return { ...room, other: other && { ...other, last_seen: null } }
}

function byNumber(one: number, other: number): number {
  return one - other
}

function byUser(one: Pick<Member, 'user'>, other: Pick<Member, 'user'>): number {
  return one.user.id - other.user.id
}

/** Oldest first, tombstones included. */
async function everyMessage(api: Client['api'], room: number): Promise<Message[]> {
  const messages: Message[] = []
  for (let before: number | undefined; ; before = messages[0]?.seq) {
    const page = await api.messages.page(room, {
      limit: 200,
      tombstones: true,
      ...(before === undefined ? {} : { before }),
    })
    messages.unshift(...page.items)
    if (page.prev === null) return messages
  }
}

/** Shortens two lists to the items that are not in both. */
function difference(shown: unknown, real: unknown): string {
  const [ones, others] = [partsOf(shown), partsOf(real)]
  const [only, lacks] = [
    ones.filter((part) => !others.includes(part)),
    others.filter((part) => !ones.includes(part)),
  ]
  return `shows ${only.join(' ').slice(0, 1000)}, but it is ${lacks.join(' ').slice(0, 1000)}`
}

function partsOf(value: unknown): string[] {
  const parts = Array.isArray(value) || value instanceof Map || value instanceof Set ? [...value] : [value]
  return parts.map((part) => JSON.stringify(part) ?? 'nothing')
}
