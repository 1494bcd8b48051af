import { textFrame } from './frames.ts'
import { numberIn } from './numbered-frame.ts'
import { openRawSocket, type RawSocket } from './raw-socket.ts'
import type { RoomsPlan } from './rooms-plan.ts'
import { isOf, LIVE, MESSAGE, refuseErrors } from './v2-frames.ts'

/** How many are connecting at once: fewer than a listening socket lets wait. */
const AT_ONCE = 32

/** A client of a room has heard a message. */
export type OnMessage = (number: number, room: number, client: number) => void

/** Opens every client of every room. @returns by room, once each of them hears its room */
export async function openRoomClients(
  { rooms }: RoomsPlan,
  heard: OnMessage,
  failed: (error: Error) => void,
): Promise<RawSocket[][]> {
  const opened: RawSocket[][] = rooms.map(() => [])

  async function open(room: number, client: number, url: string, subscribe: string | null): Promise<void> {
    const live = Promise.withResolvers<void>()
    const socket = await openRawSocket(new URL(url), {
      failed,
      idle: () => undefined,
      frame(bytes, start, end) {
        if (isOf(MESSAGE, bytes, start)) heard(numberIn(bytes, end), room, client)
        else if (isOf(LIVE, bytes, start)) live.resolve()
        else refuseErrors(bytes, start, end)
      },
    })
    if (subscribe === null) live.resolve()
    else socket.write(textFrame(subscribe))
    await live.promise
    const own = opened[room]
    if (own !== undefined) own[client] = socket
  }

  const waiting = rooms.flatMap(({ urls, subscribe }, room) =>
    urls.map((url, client) => () => open(room, client, url, subscribe)),
  )
  const next = waiting.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const start of next) await start()
    }),
  )
  return opened
}
