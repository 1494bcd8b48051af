import type { Chat, Profile, RoomView } from '../../../core/index.ts'
import { roomBody, userBody } from '../bodies.ts'
import type * as wire from '../wire/index.ts'

/*
 * Returns bodies that include who is online, which is looked up once for all of them.
 */

export async function showUsers(chat: Chat, users: readonly Profile[]): Promise<wire.User[]> {
  const online = await chat.online.among(users.map((user) => user.id))
  return users.map((user) => userBody(user, online))
}

export async function showUser(chat: Chat, user: Profile): Promise<wire.User> {
  return userBody(user, await chat.online.among([user.id]))
}

export async function showRooms(chat: Chat, views: readonly RoomView[]): Promise<wire.Room[]> {
  const online = await chat.online.among(views.flatMap(({ other }) => other?.id ?? []))
  return views.map((view) => roomBody(view, online))
}

export async function showRoom(chat: Chat, view: RoomView): Promise<wire.Room> {
  return roomBody(view, await chat.online.among(view.other === null ? [] : [view.other.id]))
}
