import { contractNamed } from './contracts.ts'
import { makePair, makeRoom, type ServerUrls } from './people.ts'

export interface RoundTrips {
  /** Says something and resolves when everyone in the room has it. */
  go(): Promise<void>
  close(): Promise<void>
}

/** Two in a room of their own, one of whom talks. */
export async function openRoundTrips(server: ServerUrls): Promise<RoundTrips> {
  const [speaker, listener] = await makePair(server, 'speaker', 'listener')
  const room = await makeRoom(server, 'public', speaker, [listener])
  const { address, frame } = contractNamed('groups').socket
  const sockets = [speaker, listener].map((person) => new WebSocket(address({ server, room, person }).url))
  let arrived = 0
  let wake: () => void = () => undefined
  for (const socket of sockets) {
    socket.onmessage = () => {
      arrived++
      if (arrived % sockets.length === 0) wake()
    }
  }
  await Promise.all(
    sockets.map((socket) => new Promise((resolve) => socket.addEventListener('open', resolve))),
  )
  return {
    go() {
      return new Promise((resolve) => {
        wake = resolve
        sockets[0]?.send(JSON.stringify(frame(speaker, 'there and back')))
      })
    },
    async close() {
      await Promise.all(
        sockets.map((socket) => {
          const closed = new Promise((resolve) => socket.addEventListener('close', resolve))
          socket.close()
          return closed
        }),
      )
    },
  }
}

/** Milliseconds of each, one after another. */
export async function measureRoundTrips({ go }: RoundTrips, count: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await go()
    times.push(performance.now() - start)
  }
  return times
}
