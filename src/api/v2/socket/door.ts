import { ChatError, type Timer } from '../../../core/index.ts'
import type { Connection, Server, Speaker } from '../../../server/index.ts'
import { speakerOf } from '../../shared/index.ts'
import { userRef } from '../bodies.ts'
import { type ClientFrame, type Identified, PROTOCOL } from '../wire/index.ts'
import type { Answers } from './answers.ts'
import { frame } from './codec.ts'
import type { V2SocketOptions } from './options.ts'

/** How long a client may take to say who it is, in milliseconds. */
const AUTH_WITHIN_MS = 10_000

/** In the range to come back in. */
const CLOSE_NOT_IDENTIFIED = 4000
/** In the range not to come back in with the same token. */
const CLOSE_WRONG_CREDENTIALS = 4500

/** Who a connection's client is: told by the handshake or in a frame, and renewed in place. */
export class Door {
  readonly #server: Server
  readonly #options: V2SocketOptions
  readonly #connection: Connection
  readonly #answers: Answers
  #timer: Timer | null = null

  constructor(server: Server, options: V2SocketOptions, connection: Connection, answers: Answers) {
    this.#server = server
    this.#options = options
    this.#connection = connection
    this.#answers = answers
  }

  hello(): void {
    const { speaker } = this.#connection
    const { clock, heartbeatMs, maxFrameBytes, maxMessageLength, maxSubscriptions } = this.#options
    this.#connection.send(
      frame({
        type: 'hello',
        protocol: PROTOCOL,
        identified: speaker === null ? null : identified(speaker),
        heartbeat_ms: heartbeatMs,
        auth_within_ms: AUTH_WITHIN_MS,
        max_frame_bytes: maxFrameBytes,
        max_message_length: maxMessageLength,
        max_subscriptions: maxSubscriptions,
      }),
    )
    if (speaker !== null) return
    this.#timer = clock.after(AUTH_WITHIN_MS, () =>
      this.#connection.close(CLOSE_NOT_IDENTIFIED, 'nobody was named in time'),
    )
  }

  async authenticate({ id, token }: Extract<ClientFrame, { type: 'auth' }>): Promise<void> {
    try {
      const identity = await this.#server.identities.ofToken(token)
      if (!this.#connection.alive) return
      // Asked only now: of two that were looked up at once the first one counts.
      const known = this.#connection.speaker
      if (known !== null && known.user.id !== identity.user.id) {
        throw new ChatError('forbidden', "This connection is another user's")
      }
      const speaker = speakerOf(identity.user, identity)
      this.#timer?.cancel()
      this.#server.identify(this.#connection, speaker)
      this.#answers.result(id, identified(speaker))
    } catch (error) {
      this.#answers.refuse(id, error)
      const wrong = error instanceof ChatError && error.kind === 'unauthenticated'
      if (this.#connection.speaker === null && wrong) {
        this.#connection.close(CLOSE_WRONG_CREDENTIALS, 'wrong credentials')
      }
    }
  }

  close(): void {
    this.#timer?.cancel()
  }
}

function identified({ user, expiresInMs }: Speaker): Identified {
  return { user: userRef(user), expires_in_ms: Math.floor(expiresInMs ?? Number.MAX_SAFE_INTEGER) }
}
