import type { Static } from '@sinclair/typebox'
import type { TestSocket } from '../socket.ts'
import type { Person } from './people.ts'
import { DirectFrameShape } from './shapes.ts'

export type DirectMessage = Static<typeof DirectFrameShape>['message']

/** Sends messages in a direct chat over its socket, which is closed once all of them have come back. */
export async function talk(who: Person, chat: number, bodies: readonly string[]): Promise<void> {
  const socket = who.open(`/ws/chat/${chat}/`)
  await socket.opened
  for (const body of bodies) {
    socket.send({ body })
    await heard(socket, body)
  }
  await socket.close()
}

/** Skips to the message with this text. */
export async function heard(socket: TestSocket, body: string): Promise<DirectMessage> {
  const frame = await socket.nextWhere(DirectFrameShape, ({ message }) => message.body === body)
  return frame.message
}

/** Returns the messages of the chat, as its socket sends them on connecting. */
export async function replay(who: Person, chat: number, count: number): Promise<DirectMessage[]> {
  const socket = who.open(`/ws/chat/${chat}/`)
  const messages: DirectMessage[] = []
  for (let i = 0; i < count; i++) messages.push((await socket.next(DirectFrameShape)).message)
  await socket.close()
  return messages
}
