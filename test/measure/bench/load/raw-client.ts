import type { LoadClient, LoadHandlers, Outgoing } from './client.ts'
import { textFrame } from './frames.ts'
import { framesOf } from './parts.ts'
import { openRawSocket } from './raw-socket.ts'

/** A client that only looks where frames end, and leaves the machine to the server. */
export async function openRawClient(
  url: URL,
  { request, parts, mostParts }: Outgoing,
  handlers: LoadHandlers,
): Promise<LoadClient> {
  /** What so many requests look like on the wire. A client has few in flight, so there are few counts. */
  const bytes = new Map<number, Uint8Array>()
  const socket = await openRawSocket(url, handlers)
  return {
    send(count) {
      let frames = bytes.get(count)
      if (frames === undefined) {
        frames = Buffer.concat(framesOf(parts, request, count, mostParts).map(textFrame))
        bytes.set(count, frames)
      }
      socket.write(frames)
    },
    say: (other) => socket.write(textFrame(other)),
    close: () => socket.close(),
  }
}
