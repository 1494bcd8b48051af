import {
  type Client,
  createClient,
  memoryStorage,
  ParleyError,
  type RoomView,
  type SocketConstructor,
  type Transport,
} from '../../src/client/index.ts'
import type { Person } from '../api/v2/support/people.ts'
import { until } from '../support/until.ts'

/** A client as an application uses it: it follows every room that its user is in. */
export class Device {
  readonly who: Person
  readonly #url: string
  readonly #WebSocket: SocketConstructor
  readonly #transport: Transport
  readonly #storage = memoryStorage()
  #client: Client
  /** The number of look-ups under way. Each may open a room. */
  #lookups = 0
  #followed = new Set<number>()
  readonly #faults: unknown[] = []

  constructor(url: string, who: Person, WebSocket: SocketConstructor, transport: Transport = 'socket') {
    this.#transport = transport
    this.who = who
    this.#url = url
    this.#WebSocket = WebSocket
    this.#client = this.#start()
  }

  get client(): Client {
    return this.#client
  }

  /** The rooms that are followed now. */
  get views(): RoomView[] {
    return [...this.#followed].map((id) => this.#client.room(id)).filter(isOpen)
  }

  follow(id: number): void {
    const view = this.#client.room(id)
    if (!this.#followed.has(id)) {
      this.#followed.add(id)
      view.subscribe(() => this.#check(view))
    }
    if (!isOpen(view)) view.open({ limit: WINDOW }).catch(() => undefined)
  }

  /** Forgets the room and all that was known of it. */
  forget(id: number): void {
    this.#client.forget(id)
    this.#followed.delete(id)
  }

  /** Ends the program and starts it again. */
  async reload(): Promise<void> {
    const left = this.#client
    this.#client = this.#start()
    await left.close()
  }

  /** Resolves once it is connected, has everything, and nothing is under way. */
  async quiet(): Promise<void> {
    await until(
      () => {
        if (this.#faults.length > 0) throw this.#faults[0]
        const { status, unsent } = this.#client.getSnapshot()
        const { complete } = this.#client.rooms.getSnapshot()
        return status === 'live' && unsent === 0 && complete && this.#lookups === 0
      },
      `${this.who.username} to be live`,
      20_000,
    )
  }

  #start(): Client {
    const client = createClient({
      url: this.#url,
      token: this.who.token,
      storage: this.#storage,
      WebSocket: this.#WebSocket,
      transports: [this.#transport],
      timeoutMs: 1500,
      maxMessages: MOST_MESSAGES,
      // Reconnects soon, however many attempts have failed.
      random: () => 0.001,
    })
    this.#followed = new Set()
    client.own.follow()
    client.rooms.subscribe(() => {
      for (const { id } of client.rooms.getSnapshot().rooms) this.follow(id)
    })
    return client
  }

  /** The refusal may be older than the present membership. */
  #check(view: RoomView): void {
    const client = this.#client
    if (view.getSnapshot().ended?.reason !== 'refused') return
    this.#look(client, async () => {
      const { role } = await client.api.rooms.get(view.id)
      if (role !== null && view.getSnapshot().status === 'ended') this.follow(view.id)
    })
  }

  /** Repeats a request that got no reply. The next connection subscribes to the room again anyway. */
  #look(client: Client, act: () => Promise<void>): void {
    this.#lookups++
    const attempt = async (): Promise<void> => {
      try {
        await act()
      } catch (error) {
        if (!(error instanceof ParleyError)) throw error
        if (error.retryable && isConnected(client)) await attempt()
      }
    }
    attempt()
      .catch((error: unknown) => this.#faults.push(error))
      .finally(() => this.#lookups--)
  }
}

function isOpen(view: RoomView): boolean {
  return !['closed', 'ended'].includes(view.getSnapshot().status)
}

function isConnected({ status }: Client): boolean {
  return status === 'live' || status === 'catching_up'
}

/** Small, so that many changes happen before the first message that is shown. */
const WINDOW = 10
const MOST_MESSAGES = 40
