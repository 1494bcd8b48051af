import { carriesMessage, isId, isSeq, type RoomKind, type UserRef } from '../../../src/core/index.ts'
import type { TestApp } from '../../support/app.ts'
import type { V1Room } from './v1-client.ts'

export interface Someone {
  readonly id: string
  readonly username: string
}

export type OtherRooms = ReturnType<typeof otherRooms>

/** Calls the use cases directly for actions that the contract under test has no route for. */
export function otherRooms({ chat }: TestApp) {
  const start = seqOf(0)
  return {
    async make(
      kind: Exclude<RoomKind, 'direct'>,
      creator: Someone,
      invited: Someone[] = [],
    ): Promise<V1Room> {
      const wanted = {
        name: `${kind} ${crypto.randomUUID()}`,
        kind,
        invited: invited.map((user) => idOf(user.id)),
      }
      const room = await chat.rooms.create(wanted, refOf(creator))
      return { id: String(room.id), name: wanted.name, created_at: room.createdAt.toISOString() }
    },

    async makeDirect(one: Someone, other: Someone): Promise<V1Room> {
      const { room } = (await chat.rooms.openDirect(refOf(one), idOf(other.id))).summary
      return { id: String(room.id), name: '', created_at: room.createdAt.toISOString() }
    },

    async memberCount(room: V1Room): Promise<number> {
      const { room: found } = await chat.rooms.accessFacts({ id: idOf(room.id) }, null)
      return found.memberCount
    },

    async remove(room: V1Room, actor: Someone, member: Someone): Promise<void> {
      await chat.membership.remove({ id: idOf(room.id) }, refOf(actor), idOf(member.id))
    },

    /** Returns the messages before the removal of a user, by the room's numbers. */
    async textsBeforeRemoval(room: V1Room, member: Someone): Promise<string[]> {
      const { events } = await chat.messages.changes({ id: idOf(room.id) }, refOf(member), start, 1000)
      const removal = events.findIndex((event) => event.type === 'removed')
      if (removal === -1) throw new Error('nobody was removed')
      return events.slice(0, removal).flatMap((event) => (carriesMessage(event) ? event.message.body : []))
    },

    async delete(room: V1Room, owner: Someone): Promise<void> {
      await chat.rooms.remove({ id: idOf(room.id) }, refOf(owner))
    },
  }
}

function seqOf(value: number) {
  if (!isSeq(value)) throw new Error(`${value} is no number of a change`)
  return value
}

function refOf({ id, username }: Someone): UserRef {
  return { id: idOf(id), username }
}

function idOf(text: string) {
  const id = Number(text)
  if (!isId(id)) throw new Error(`${text} is no id`)
  return id
}
