import { createClients, type V1Socket } from './v1-client.ts'
import { ConnectionLost, createUser, ServerRestarts, type ServerUrls, type Speaker } from './v1-rest.ts'

/** Users who send messages while the server runs, and continue after a restart. */
export type Talk = ReturnType<typeof createTalk>

/**
 * Of the users, the first four send through sockets, the next four by requests, and the last one listens in every room.
 * In addition, new users join a room by sending one message.
 */
export function createTalk(rooms: readonly string[], users: readonly string[]) {
  let acked = 0
  let said = 0
  const clients = createClients(() => void acked++)
  const text = () => `message ${++said}`
  // The first room is busier than the others.
  const seats = users.map((user, index): Speaker => ({ user, room: rooms[index % 3] ?? rooms[0] ?? '' }))
  const listener = users[8] ?? ''

  async function sayThrough(socket: V1Socket, count: number): Promise<void> {
    const underWay: Promise<void>[] = []
    for (let i = 0; i < count && socket.viewing.stayed; i++) {
      underWay.push(socket.say(text()))
      if (underWay.length >= WINDOW) await Promise.race([underWay.shift(), socket.closed])
    }
    await Promise.race([Promise.all(underWay), socket.closed])
  }

  async function sayByRequests(server: ServerUrls, seat: Speaker, count: number): Promise<void> {
    const way = `requests to ${server.url}`
    await untilGone(count, () => clients.post(server, seat, text(), way))
  }

  async function comeAndSay(server: ServerUrls, count: number): Promise<void> {
    await untilGone(count, async () => {
      const user = await createUser(server, `stranger${++said}`)
      await clients.post(server, { user, room: rooms[said % rooms.length] ?? '' }, text())
    })
  }

  return {
    rooms,
    clients,
    acked: () => acked,

    /** Everyone comes in. */
    async settle(server: ServerUrls) {
      const speakers = await Promise.all(seats.slice(0, 4).map((seat) => clients.connect(server, seat)))
      const listeners = await Promise.all(
        rooms.map((room) => clients.connect(server, { room, user: listener })),
      )
      return {
        sockets: [...speakers, ...listeners],
        /** Resolves when the server has stopped, or each user has sent `count` messages and all are acknowledged. */
        async go(count: number): Promise<void> {
          await Promise.all([
            ...speakers.map((socket) => sayThrough(socket, count)),
            ...seats.slice(4, 8).map((seat) => sayByRequests(server, seat, count)),
            comeAndSay(server, count),
          ])
        },
      }
    },
  }
}

async function untilGone(count: number, run: () => Promise<unknown>): Promise<void> {
  try {
    for (let i = 0; i < count; i++) await run()
  } catch (error) {
    if (!(error instanceof ConnectionLost || error instanceof ServerRestarts)) throw error
  }
}

/** Messages under way on one socket. */
const WINDOW = 16
