import type { Sending, Viewing } from './oracle.ts'
import { ConnectionLost, postMessage, type ServerUrls, type Speaker } from './v1-rest.ts'
import { parseFrame, type WireMessage } from './wire.ts'

export interface V1Socket {
  readonly viewing: Viewing
  /** Sends a text to the room. Resolves once it has come back; never rejects. */
  say(text: string): Promise<void>
  /** Resolves when the connection has ended, to the close code. Never rejects. */
  readonly closed: Promise<number>
  /** Ends the connection; it counts as one that stayed until now. */
  leave(): Promise<void>
}

export type Clients = ReturnType<typeof createClients>

/**
 * Clients of Chat API v1 that record what they send and receive, for the oracle.
 * @param onAck called for every acknowledged message
 */
export function createClients(onAck: () => void = () => undefined) {
  const sendings: Sending[] = []
  const viewings: Viewing[] = []
  const refusals: string[] = []
  let ways = 0

  function write({ room, user }: Speaker, way: string, text: string): Sending {
    const sending = { room, sender: user, way, text, acked: false }
    sendings.push(sending)
    return sending
  }

  function acknowledge(sending: Sending): void {
    sending.acked = true
    onAck()
  }

  return {
    sendings,
    viewings,
    /** Error frames, and frames that the contract does not have. */
    refusals,

    /** Opens a socket and resolves once its history has come. */
    async connect(server: ServerUrls, speaker: Speaker): Promise<V1Socket> {
      const { room, user } = speaker
      const way = `socket ${++ways}`
      const viewing: Viewing = {
        room,
        viewer: `user ${user} on ${way}`,
        history: null,
        messages: [],
        stayed: true,
      }
      const pending = new Map<string, () => void>()
      const ready = Promise.withResolvers<void>()
      const closed = Promise.withResolvers<number>()
      const socket = new WebSocket(`${server.wsUrl}/api/v1/ws/${room}/${user}`)

      function show(message: WireMessage): void {
        viewing.messages.push(message)
        pending.get(message.content)?.()
        pending.delete(message.content)
      }

      socket.onmessage = ({ data }) => {
        const frame = parseFrame(String(data))
        if (frame === null || frame.type === 'error') refusals.push(String(data))
        else if (frame.type === 'text') show(frame)
        else if (frame.type === 'history') {
          viewing.history = frame.messages.length
          for (const message of frame.messages) show(message)
          ready.resolve()
        }
      }
      socket.onclose = ({ code }) => {
        viewing.stayed = false
        closed.resolve(code)
        ready.reject(new ConnectionLost(`the socket closed with ${code} before its history came`))
      }
      viewings.push(viewing)
      await ready.promise
      return {
        viewing,
        closed: closed.promise,
        say(text) {
          const sending = write(speaker, way, text)
          socket.send(JSON.stringify({ type: 'text', content: text, user_id: user }))
          return new Promise((resolve) =>
            pending.set(text, () => {
              acknowledge(sending)
              resolve()
            }),
          )
        },
        async leave() {
          const { stayed } = viewing
          socket.close()
          await closed.promise
          viewing.stayed = stayed
        },
      }
    },

    /** Sends a text by a request. Each request is a way of its own unless the caller awaits one after another. */
    async post(
      server: ServerUrls,
      speaker: Speaker,
      text: string,
      way = `request ${++ways}`,
    ): Promise<Sending> {
      const sending = write(speaker, way, text)
      const stored = await postMessage(server, speaker, text)
      if (stored.content !== text) throw new Error(`${text} was answered with ${stored.content}`)
      acknowledge(sending)
      return sending
    },
  }
}
