import { expect } from 'bun:test'
import { join } from 'node:path'
import { until } from '../../support/until.ts'
import { createClients } from '../v1-client.ts'
import { createRoom, createUser, readHistory, type ServerUrls } from '../v1-rest.ts'

/** A room with a past, and a client's place in it. */
export interface Scene {
  readonly url: string
  /** The example with this scene's ids and port in it. */
  source(example: 'javascript-example.txt' | 'python-example.txt'): Promise<string>
  /** What the examples send. */
  readonly hello: string
  /**
   * Watches the client: it is shown the past, then its own greeting, then what another says and who comes.
   * @param output everything that the client has printed
   */
  play(output: () => string): Promise<void>
}

export async function createScene(
  server: ServerUrls & { readonly port: number },
  name: string,
): Promise<Scene> {
  const clients = createClients()
  const room = await createRoom(server, `${name}'s room`)
  const [host, user] = [await createUser(server, `${name}-host`), await createUser(server, name)]
  const [past, live] = [`before ${name} came`, `glad to see you, ${name}`]
  await clients.post(server, { room, user: host }, past)

  return {
    url: `ws://localhost:${server.port}/api/v1/ws/${room}/${user}`,
    hello: JSON.stringify({ type: 'text', content: 'Hello!', user_id: user }),
    async source(example) {
      const text = await Bun.file(join(import.meta.dir, example)).text()
      return text
        .replaceAll('room123', room)
        .replaceAll('user123', user)
        .replaceAll('localhost:8000', `localhost:${server.port}`)
    },
    async play(output) {
      const shown = (text: string) => until(() => output().includes(text), `${name} to be shown "${text}"`)
      await shown(past)
      await shown('Hello!')
      await clients.post(server, { room, user: host }, live)
      await shown(live)
      const visitor = await clients.connect(server, { room, user: host })
      await shown(`User ${name}-host joined the chat`)
      await visitor.leave()
      await shown(`User ${name}-host left the chat`)

      const texts = [past, 'Hello!', live, 'joined the chat', 'left the chat']
      const found = texts.flatMap((text) => [...output().matchAll(new RegExp(RegExp.escape(text), 'g'))])
      expect(found.map(({ index }) => index)).toEqual(found.map(({ index }) => index).sort((a, b) => a - b))
      expect(found.map(([text]) => text)).toEqual(texts)
      const stored = await readHistory(server, room)
      expect(stored.map(({ content, user_id }) => [content, user_id])).toEqual([
        [past, host],
        ['Hello!', user],
        [live, host],
      ])
    },
  }
}
