import type { LoadClient, LoadHandlers, Outgoing } from './client.ts'
import { framesOf } from './parts.ts'

/** The runtime's own WebSocket, as applications use it: an event and a string for each frame. */
export async function openStandardClient(
  url: URL,
  { request, parts, mostParts }: Outgoing,
  handlers: LoadHandlers,
): Promise<LoadClient> {
  const accepted = Promise.withResolvers<void>()
  const socket = new WebSocket(url)
  let open = true
  socket.onopen = () => accepted.resolve()
  socket.onmessage = ({ data }) => {
    handlers.text(String(data))
    handlers.idle()
  }
  socket.onclose = ({ code }) => {
    const error = new Error(`the server closed the connection with ${code}`)
    accepted.reject(error)
    if (open) handlers.failed(error)
  }
  await accepted.promise
  return {
    send(count) {
      for (const frame of framesOf(parts, request, count, mostParts)) socket.send(frame)
    },
    say: (text) => socket.send(text),
    close() {
      open = false
      socket.close()
    },
  }
}
