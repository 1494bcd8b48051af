import type { Static } from '@sinclair/typebox'
import { until } from '../../../support/until.ts'
import { expectAnswer } from '../rest.ts'
import type { TestSocket } from '../socket.ts'
import type { Person } from './people.ts'
import { ChatShape, CreatedRoomShape, JoinedRoomShape, RoomFrameShape } from './shapes.ts'

export type CreatedRoom = Static<typeof CreatedRoomShape>
export type Chat = Static<typeof ChatShape>
export type RoomFrame = Static<typeof RoomFrameShape>

/** Creates a room of the chat service, `private` by default. */
export async function room(
  creator: Person,
  more: { name?: string; type?: string; invited?: Person[] } = {},
): Promise<CreatedRoom> {
  const { name = `room ${crypto.randomUUID()}`, type, invited = [] } = more
  const invitedIds = invited.map((someone) => someone.id)
  const json = { name, invited_users: invitedIds, ...(type === undefined ? {} : { type }) }
  return expectAnswer(await creator.call('POST', '/chat/create-room/', json), 201, CreatedRoomShape)
}

/** Creates a public room with its creator as a member, through v1, the contract that creates public rooms. */
export async function publicRoom(
  creator: Person,
  name = `public ${crypto.randomUUID()}`,
): Promise<{ id: number; name: string }> {
  const { status, json, text } = await creator.call('POST', '/api/v1/rooms', { name })
  if (status !== 200 || typeof json !== 'object' || json === null || !('id' in json)) throw new Error(text)
  return { id: Number(json.id), name }
}

export async function join(who: Person, id: number): Promise<void> {
  expectAnswer(await who.call('POST', '/chat/join-room/', { room_id: id }), 200, JoinedRoomShape)
}

/** Returns the direct chat of two users, which is created if necessary. */
export async function directChat(one: Person, other: Person): Promise<Chat> {
  const answer = await one.call('POST', '/api/chats/create/', { user_id: other.id })
  return expectAnswer(answer, answer.status === 200 ? 200 : 201, ChatShape)
}

export function roomPath(name: string): string {
  return `/ws/chat/${encodeURIComponent(name)}/`
}

/** Opens the room's socket. Resolves when it is live: a message of its own has come back. */
export async function enter(who: Person, name: string): Promise<TestSocket> {
  const socket = who.open(roomPath(name))
  await socket.opened
  await echo(socket)
  return socket
}

/** Sends a message and waits until it comes back. Everything sent to the room before has arrived by then. */
export async function echo(socket: TestSocket): Promise<RoomFrame> {
  const word = `word ${crypto.randomUUID()}`
  socket.send({ message: word })
  return await socket.nextWhere(RoomFrameShape, (frame) => frame.message === word)
}

/** Sends over REST. */
export async function say(who: Person, name: string, message: string): Promise<void> {
  const answer = await who.call('POST', '/chat/send/', { message, room: name })
  if (answer.status !== 200) throw new Error(answer.text)
}

/** Resolves to the code with which the server closes the socket. */
export async function closeCode(socket: TestSocket): Promise<number> {
  let code: number | null = null
  void socket.closed.then((closed) => {
    code = closed.code
  })
  return await until(() => code, 'the server to close the socket', 3000)
}
