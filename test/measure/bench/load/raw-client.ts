import type { LoadClient, LoadHandlers } from './client.ts'
import { textFrame } from './frames.ts'
import { openRawSocket } from './raw-socket.ts'

/** A client that only looks where frames end, and leaves the machine to the server. */
export async function openRawClient(url: URL, text: string, handlers: LoadHandlers): Promise<LoadClient> {
  const frame = textFrame(text)
  const socket = await openRawSocket(url, handlers)
  return {
    send: (count) => socket.write(Buffer.concat(new Array<Uint8Array>(count).fill(frame))),
    say: (other) => socket.write(textFrame(other)),
    close: () => socket.close(),
  }
}
