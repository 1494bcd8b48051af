import { type Chat, ChatError, SetupError } from '../../core/index.ts'

/** Creates the default room if it is missing. @throws SetupError if no public room can have this name */
export async function ensureDefaultRoom(chat: Chat, name: string): Promise<void> {
  try {
    await chat.rooms.ensurePublic(name)
  } catch (cause) {
    if (!(cause instanceof ChatError) || cause.retryable) throw cause
    throw new SetupError(`DEFAULT_ROOM: ${JSON.stringify(name)}: ${cause.message}`, { cause })
  }
}
