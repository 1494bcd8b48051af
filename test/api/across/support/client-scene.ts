import { expect } from 'bun:test'
import { until } from '../../../support/until.ts'
import { ask } from '../../support/rest.ts'
import { expectEnd } from './audience.ts'
import { contractNamed } from './contracts.ts'
import { makePair, makeRoom, type Person, type Room, type ServerUrls } from './people.ts'
import { roomFrame } from './shapes.ts'
import { listen } from './sockets.ts'
import type { Tables } from './stored.ts'

export interface ClientScene {
  readonly room: Room
  /** Whom the client is to speak for. */
  readonly guest: Person
  /**
   * Watches a client of the room: what it says comes to everyone, what others say comes to it, each as the document has it;
   * at last the room is deleted.
   * @param output everything that the client has printed
   * @param hello what the client says by itself
   */
  play(output: () => string, hello: string): Promise<void>
}

/** A room of someone's who listens in it already, for a client that is another program. */
export async function openClientScene(
  server: ServerUrls,
  tables: Tables,
  name?: string,
): Promise<ClientScene> {
  const [host, guest] = await makePair(server, 'host', 'guest')
  const room = await makeRoom(server, 'private', host, [guest], name)
  const at = { server, room, person: host }
  const contract = contractNamed('v1')
  const listener = await listen(contract, at)

  return {
    room,
    guest,
    async play(output, hello) {
      const texts = ['How do you do?', 'Schön, שלום, 👩‍👩‍👧 "\\']
      await until(() => listener.messages().length === 1, `the client to be heard:\n${output()}`)
      for (const text of texts) listener.say(text)
      const stored = await until(async () => {
        const found = await tables.messages(room)
        return found.length === 3 && found
      }, 'everything to be stored')
      expect(stored.map(({ body, sender }) => [body, sender])).toEqual([
        [hello, guest.username],
        ...texts.map((text) => [text, host.username]),
      ])
      await expectEnd({ contract, at, listener }, room, stored)

      const frames = stored.map((message) => roomFrame(message, room))
      await until(() => printedFrames(output()).length >= frames.length, 'the client to print what came')
      expect(printedFrames(output())).toEqual(frames)
      const deleted = await ask('DELETE', `${server.url}/chat/rooms/${room.id}/`, { token: host.token })
      expect(deleted.status).toBe(204)
      await until(() => /\b1008\b/.test(output()), 'the client to notice that the room is gone')
    },
  }
}

/** What stands in JSON at the end of the whole lines that a client has printed. */
export function printedFrames(output: string): unknown[] {
  const lines = output.split('\n').slice(0, -1)
  return lines.flatMap((line) => {
    const start = line.indexOf('{')
    return start === -1 ? [] : [JSON.parse(line.slice(start))]
  })
}
