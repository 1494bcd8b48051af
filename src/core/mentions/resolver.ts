import { allows } from '../access.ts'
import type { MentionOfMany, Mentions } from '../message-details.ts'
import type { AccessFacts, RoomId, Seq, UserId, UserRef } from '../model.ts'
import type { Addressee, MentionFinder, RoomRegister, UserInRoom } from '../ports.ts'
import type { MentionsAsked } from './asked.ts'

export interface MentionsOptions {
  /** The most members of a room in which everyone may mention `@room` and `@online`; in larger ones the staff may. */
  readonly mentionLimit: number
}

export interface ResolverDeps {
  readonly store: MentionFinder & Pick<RoomRegister, 'accessFactsOf'>
  /** Returns those of the users who are online. Takes a bounded time and never rejects, since sends wait for it. */
  online(users: readonly UserId[]): Promise<ReadonlySet<UserId>>
}

/** A message that is to mention someone. */
export interface Addressed {
  readonly roomId: RoomId
  readonly sender: UserRef
  readonly replyTo: Seq | null
  readonly asked: MentionsAsked
  /** Whom the message has mentioned until now, if it is edited. */
  readonly before: Mentions | null
}

/** Why someone is notified of a message. */
export type NoticeReason = 'mention' | MentionOfMany

/** Whom to notify of a message. */
export interface Notice {
  readonly reason: NoticeReason
  readonly users: readonly UserId[]
}

export interface Resolved {
  /** null if the message mentions nobody, and nothing was refused. */
  readonly mentions: Mentions | null
  /** Those whom `@online` reaches; null if that is not to be changed. */
  readonly reached: readonly UserId[] | null
  /** Each user once; without the sender, and without those whom the message has mentioned until now. */
  readonly notices: readonly Notice[]
}

/** The most members of a room in which `@online` finds who is online, and in which `@room` notifies those who do not hear the room. */
export const MOST_REACHED = 1000

/** A room, as far as `@room` and `@online` need it. */
interface Audience {
  /** null if the room is gone. */
  readonly facts: AccessFacts | null
  /** null if they are more than can be reached. */
  readonly members: readonly Addressee[] | null
  readonly online: ReadonlySet<UserId>
}

/** Finds whom messages mention, many at a time: members of their rooms only. */
export function createResolver({ store, online }: ResolverDeps, { mentionLimit }: MentionsOptions) {
  /** @returns in the order of `all`. @throws ChatError `unavailable` */
  async function resolve(all: readonly Addressed[]): Promise<Resolved[]> {
    const [named, audiences] = await Promise.all([namedBy(all), audiencesOf(all)])
    return all.map((one, index) => {
      const found = named[index] ?? []
      if (!one.asked.room && !one.asked.online) return resolved(one, found, null)
      return resolved(one, found, audiences.get(keyOf(one)) ?? null)
    })
  }

  function namedBy(all: readonly Addressed[]): Promise<readonly (readonly Addressee[])[]> {
    const wanted = all.map(({ roomId: room, sender, replyTo, asked: { users, names } }) => ({
      room,
      sender: sender.id,
      replyTo,
      users,
      names,
    }))
    const isWanted = wanted.some(({ users, names }) => users.length + names.length > 0)
    return isWanted ? store.membersAmong(wanted) : Promise.resolve([])
  }

  /** Reads each room, or thread, once for each sender who asks for many of its members. */
  async function audiencesOf(all: readonly Addressed[]): Promise<ReadonlyMap<string, Audience>> {
    const rooms = new Map<string, UserInRoom & { readonly replyTo: Seq | null }>()
    const wantOnline = new Set<string>()
    for (const one of all) {
      if (!one.asked.room && !one.asked.online) continue
      rooms.set(keyOf(one), { room: one.roomId, user: one.sender.id, replyTo: one.replyTo })
      if (asksOnline(one)) wantOnline.add(keyOf(one))
    }
    if (rooms.size === 0) return new Map()
    const facts = await store.accessFactsOf([...rooms.values()])
    const audiences = await Promise.all(
      [...rooms].map(async ([key, wanted], index): Promise<[string, Audience]> => {
        const found = facts[index] ?? null
        if (found === null || !mayAddress(found)) {
          return [key, { facts: found, members: null, online: nobody }]
        }
        const members = await store.membersOf(wanted, wanted.replyTo, MOST_REACHED)
        const isAsked = wantOnline.has(key) && members !== null
        return [key, { facts: found, members, online: isAsked ? await online(members.map(idOf)) : nobody }]
      }),
    )
    return new Map(audiences)
  }

  function mayAddress(facts: AccessFacts): boolean {
    return facts.room.memberCount <= mentionLimit || allows('address', facts)
  }

  function resolved(one: Addressed, named: readonly Addressee[], audience: Audience | null): Resolved {
    const { asked, before, sender } = one
    const may = audience !== null && audience.facts !== null && mayAddress(audience.facts)
    const members = audience?.members ?? null
    const room = asked.room && may
    const isReaching = asked.online && may && members !== null
    const ignored: MentionOfMany[] = []
    if (asked.room && !room) ignored.push('room')
    if (asked.online && !isReaching) ignored.push('online')
    const mentions = { users: named.map(({ user }) => user), room, online: isReaching, ignored }
    const reached = asksOnline(one) ? (members ?? []).filter(({ user }) => audience?.online.has(user.id)) : []

    const told = new Set<UserId>([sender.id, ...(before?.users.map(({ id }) => id) ?? [])])
    const notice = (reason: NoticeReason, those: readonly Addressee[]): Notice[] => {
      const users = those.flatMap(({ user: { id }, notified }) => {
        if (told.has(id)) return []
        told.add(id)
        return notified ? id : []
      })
      return users.length > 0 ? [{ reason, users }] : []
    }
    return {
      mentions: named.length > 0 || room || isReaching || ignored.length > 0 ? mentions : null,
      reached: isReaching && before?.online === true ? null : reached.map(idOf),
      notices: [
        ...notice('mention', named),
        ...notice('online', isReaching ? reached : []),
        ...notice('room', room && before?.room !== true ? (members ?? []) : []),
      ],
    }
  }

  return resolve
}

export type ResolveMentions = ReturnType<typeof createResolver>

/** An edit finds nobody anew who is online: whoever was reached by the first form stays so. */
function asksOnline({ asked, before }: Addressed): boolean {
  return asked.online && before?.online !== true
}

function keyOf({ roomId, sender, replyTo }: Addressed): string {
  return `${roomId} ${sender.id} ${replyTo}`
}

function idOf({ user }: Addressee): UserId {
  return user.id
}

const nobody: ReadonlySet<UserId> = new Set()
