import { Type as t } from '@sinclair/typebox'
import postgres from 'postgres'
import { handshake } from '../../../server/support/raw-http.ts'
import type { TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { type Person, person } from '../../support/contracts/people.ts'
import { type Answer, ask } from '../../support/rest.ts'
import { openSocket } from '../../support/socket.ts'
import { enter } from '../../v2/support/rooms.ts'
import { connect } from '../../v2/support/v2-client.ts'
import { createMask } from './mask.ts'

export type Entry = Record<string, unknown>
export type Recorder = ReturnType<typeof createRecorder>

export interface Asked {
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

export interface RecordedSocket {
  send(frame: unknown): void
  /** Waits for so many frames, one if nothing is said, and records them. */
  receive(count?: number): Promise<void>
  /** Closes it, or records how it was closed where the server did. Throws where a frame came that was not received. */
  close(): Promise<void>
  closed(): Promise<void>
}

/** Speaks with a server, and writes down what was said, in the order in which it was waited for. */
export function createRecorder(app: TestApp) {
  const mask = createMask(new URL(app.url).host)
  const entries: Entry[] = []

  function record(method: string, path: string, { headers = {}, body }: Asked, answer: Answer): void {
    entries.push({
      request: {
        line: `${method} ${mask.text(path)}`,
        ...present('headers', masked(headers)),
        ...(body === undefined ? {} : { body: mask.json(body) }),
      },
      response: {
        status: answer.status,
        ...present('headers', masked(shownHeaders(answer.headers))),
        ...(answer.text === '' ? {} : { body: mask.json(answer.json ?? answer.text) }),
      },
    })
  }

  function masked(headers: Record<string, string>): Record<string, string> {
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, mask.text(value)]))
  }

  return {
    entries: (): readonly Entry[] => entries,

    /** Says what the next entries are about. */
    note(text: string): void {
      entries.push({ note: text })
    },

    /** An account, made beside the transcript. */
    async person(username: string): Promise<Person> {
      const made = await person(app, username)
      mask.introduce(made)
      return made
    },

    /**
     * Has two members of a room come online, beside the transcript and until its end. Resolves once that was announced: it is not
     * announced again.
     */
    async online(room: number, first: Person, second: Person): Promise<void> {
      const watching = await connect(app, first)
      await enter(watching, room)
      await connect(app, second)
      await watching.heard('presence', ({ user }) => user.id === second.id)
    },

    /** What the contracts have no request for. */
    async sql(...statements: string[]): Promise<void> {
      const sql = postgres(app.databaseUrl, { max: 1, onnotice: () => undefined })
      for (const statement of statements) await sql.unsafe(statement)
      await sql.end()
    },

    /** Resolves when the search finds all that was said so far. */
    async indexed(): Promise<void> {
      const sql = postgres(app.databaseUrl, { max: 1 })
      await until(
        async () => (await sql`select from search_queue limit 1`).length === 0,
        'the messages to be indexed',
      )
      await sql.end()
    },

    /** A request in someone's name, or in nobody's. */
    async request(who: Person | null, line: string, asked: Asked = {}): Promise<unknown> {
      const [method = '', path = ''] = line.split(' ')
      const headers = {
        ...(who === null ? {} : { authorization: `Token ${who.token}` }),
        ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...asked.headers,
      }
      const answer = await ask(method, app.url + path, {
        headers,
        ...(asked.body === undefined ? {} : { json: asked.body }),
      })
      record(method, path, { ...asked, headers }, answer)
      return answer.json
    },

    /** A handshake that is refused. */
    async refused(path: string, headers: Record<string, string> = {}): Promise<void> {
      const answer = await handshake(app.wsUrl + path, headers)
      record('GET', path, { headers: { upgrade: 'websocket', ...headers } }, answer)
    },

    /** @param name what the transcript calls the socket */
    async socket(name: string, path: string, headers: Record<string, string> = {}): Promise<RecordedSocket> {
      const socket = openSocket(app.wsUrl + path, headers)
      await socket.opened
      const shown = { upgrade: 'websocket', ...headers }
      entries.push({ socket: name, opens: `GET ${mask.text(path)}`, headers: masked(shown), status: 101 })
      let received = 0
      const expectNoMore = () => {
        const unread = socket.frames.slice(received)
        if (unread.length > 0) throw new Error(`${name} got more: ${JSON.stringify(unread)}`)
      }
      return {
        send(frame) {
          entries.push({ socket: name, sends: mask.json(frame) })
          socket.send(frame)
        },
        async receive(count = 1) {
          for (let n = 0; n < count; n++) {
            const frame = await socket.next(t.Unknown())
            received++
            entries.push({ socket: name, receives: mask.json(frame) })
          }
        },
        async close() {
          await socket.close()
          expectNoMore()
          entries.push({ socket: name, closes: true })
        },
        async closed() {
          const { code, reason } = await socket.closed
          expectNoMore()
          entries.push({ socket: name, closed: { code, reason } })
        },
      }
    },
  }
}

/** Those of an answer's headers that a client may go by. */
const SHOWN = ['content-type', 'www-authenticate', 'retry-after', 'link', 'set-cookie', 'location', 'allow']

function shownHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    SHOWN.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) ?? '']] : [])),
  )
}

function present(key: string, object: Record<string, string>): Record<string, unknown> {
  return Object.keys(object).length === 0 ? {} : { [key]: object }
}
