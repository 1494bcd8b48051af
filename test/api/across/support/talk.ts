import { contractNamed } from './contracts.ts'
import type { Person, Room, ServerUrls } from './people.ts'

export interface Talk {
  /** How many messages have been sent so far. */
  said(): number
  /** Resolves once all has come back and the sockets are closed; at once where the server has closed them. */
  stop(): Promise<void>
}

export interface TalkOptions {
  /** What the texts begin with. */
  readonly name?: string
  /** Messages of each speaker that are on their way at any time. */
  readonly window?: number
}

/** People who talk in a room without a pause, over Chat API v1. */
export async function startTalk(
  server: ServerUrls,
  room: Room,
  people: readonly Person[],
  { name = 'talk', window = 4 }: TalkOptions = {},
): Promise<Talk> {
  let said = 0
  let stopped = false
  const { address, frame } = contractNamed('v1').socket

  async function open(person: Person): Promise<() => Promise<void>> {
    const socket = new WebSocket(address({ server, room, person }).url)
    const closed = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const own = `"user_id":"${person.id}"`
    let underWay = 0
    function say(): void {
      underWay++
      socket.send(JSON.stringify(frame(person, `${name} ${++said}`)))
    }
    socket.onclose = () => closed.resolve()
    socket.onmessage = ({ data }) => {
      const text = String(data)
      if (text.startsWith('{"type":"history"')) begun.resolve()
      else if (text.includes(own)) {
        underWay--
        if (!stopped) say()
        else if (underWay === 0) socket.close()
      }
    }
    await begun.promise
    for (let i = 0; i < window; i++) say()
    return () => closed.promise
  }

  const ends = await Promise.all(people.map(open))
  return {
    said: () => said,
    async stop() {
      stopped = true
      await Promise.all(ends.map((end) => end()))
    },
  }
}
