import {
  type Client,
  type ClientOptions,
  createClient,
  type RoomView,
  register,
  type SignedIn,
  type SocketConstructor,
} from '../../../src/client/index.ts'
import { until } from '../../support/until.ts'

let made = 0

/** A new account on a real server. */
export async function signUp(url: string, name = 'user'): Promise<SignedIn> {
  return await register(url, { username: `${name}${++made}`, password: 'correct horse battery staple' })
}

export interface CutClient {
  readonly client: Client
  /** Ends its connection without a word, as a network does. */
  cut(): void
  /** Sockets that it has opened so far. */
  readonly opened: () => number
}

/** A client of a real server that comes back soon, and whose connection can be cut. */
export function cuttable(
  url: string,
  token: ClientOptions['token'],
  options: Partial<ClientOptions> = {},
): CutClient {
  const sockets: WebSocket[] = []
  const Recorded: SocketConstructor = class extends WebSocket {
    constructor(address: string) {
      super(address)
      sockets.push(this)
    }
  }
  return {
    client: createClient({ url, token, WebSocket: Recorded, random: () => 0.01, ...options }),
    cut: () => sockets.at(-1)?.terminate(),
    opened: () => sockets.length,
  }
}

export async function isLive(client: Client): Promise<void> {
  await until(() => client.status === 'live', 'the client to be live')
}

export function bodiesIn(room: RoomView): string[] {
  return room.getSnapshot().messages.map(({ body }) => body)
}
