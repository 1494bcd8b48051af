import { createClient } from '../../../src/client/index.ts'
import { ask, expectAnswer } from '../../api/support/rest.ts'
import { v1Client } from '../../api/support/v1-client.ts'
import { MessagesShape } from '../../api/support/v1-shapes.ts'
import { until } from '../../support/until.ts'

const CLIENTS = 8
/** What browsers load of the pages. */
const PAGES = ['/', '/web/app.js', '/web/style.css', '/docs', '/docs/json']

/**
 * Clients that write and read one after the other, over connections that are kept, as pages and apps do; one that loads the pages;
 * and one that follows the room.
 */
export async function startRequests(url: string) {
  const v1 = v1Client({ url, wsUrl: url.replace('http', 'ws') })
  const [room, user] = [await v1.room(), await v1.user()]
  const { token } = user
  const failed: string[] = []
  const sent: string[] = []
  let requests = 0
  let stopped = false
  const follower = createClient({ url, token, maxMessages: 1_000_000 })
  await follower.api.rooms.join(Number(room.id))
  const view = follower.room(Number(room.id))
  await view.open()

  async function request(method: string, path: string, options: { json?: unknown } = {}): Promise<boolean> {
    const answer = await v1.call(method, path, { ...options, token }).catch((error: unknown) => String(error))
    return counted(`${method} ${path}`, answer)
  }

  function counted(what: string, answer: string | { status: number; text: string }): boolean {
    requests++
    if (typeof answer !== 'string' && answer.status < 400) return true
    failed.push(`${what}: ${typeof answer === 'string' ? answer : `${answer.status} ${answer.text}`}`)
    return false
  }

  async function browser(): Promise<void> {
    for (let n = 0; !stopped; n++) {
      const path = PAGES[n % PAGES.length] ?? '/'
      counted(path, await ask('GET', url + path).catch(String))
    }
  }

  async function client(name: number): Promise<void> {
    for (let n = 0; !stopped; n++) {
      const content = `${name}.${n}`
      const json = { content, user_id: user.id, type: 'text' }
      if (await request('POST', `/rooms/${room.id}/messages`, { json })) sent.push(content)
      await request('GET', `/rooms/${room.id}/messages?limit=5`)
    }
  }

  const clients = [browser(), ...Array.from({ length: CLIENTS }, (_, name) => client(name))]
  return {
    failed,
    sent,
    requests: () => requests,
    async more(count: number): Promise<void> {
      const goal = requests + count
      await until(() => requests >= goal, `${count} more requests`, 60_000)
    },
    async stop(): Promise<void> {
      stopped = true
      await Promise.all(clients)
    },
    /** The messages that the follower has, once it has so many. */
    async followed(count: number): Promise<string[]> {
      const messages = () => view.getSnapshot().messages
      await until(() => messages().length >= count, `${count} messages at the follower`, 30_000)
      await follower.close()
      return messages().map(({ body }) => body)
    },
    /** Every message that is stored, page by page. */
    async stored(): Promise<string[]> {
      const all: string[] = []
      for (let before = ''; ; ) {
        const answer = await v1.call('GET', `/rooms/${room.id}/messages?limit=200${before}`, { token })
        const page = expectAnswer(answer, 200, MessagesShape)
        all.push(...page.map(({ content }) => content))
        const oldest = Math.min(...page.map(({ id }) => Number(id)))
        if (page.length < 200) return all
        before = `&before=${oldest}`
      }
    },
  }
}
