import { ChatError, type Timer } from '../../../core/index.ts'
import type { Speaker } from '../../../server/index.ts'
import { speakerOf } from '../../shared/index.ts'
import { userRef } from '../bodies.ts'
import { type ClientFrame, type Identified, PROTOCOL } from '../wire/index.ts'
import { frame } from './codec.ts'
import type { Peer } from './peer.ts'

/*
 * Who a connection's client is: told by the handshake or in a frame, and renewed in place.
 */

/** How long a client may take to say who it is, in milliseconds. */
const AUTH_WITHIN_MS = 10_000

/** In the range to come back in. */
const CLOSE_NOT_IDENTIFIED = 4000
/** In the range not to come back in with the same token. */
const CLOSE_WRONG_CREDENTIALS = 4500

export function greet({ connection, options, server }: Peer): void {
  const { speaker } = connection
  connection.send(
    frame({
      type: 'hello',
      protocol: PROTOCOL,
      identified: speaker === null ? null : identified(speaker),
      heartbeat_ms: options.heartbeatMs,
      auth_within_ms: AUTH_WITHIN_MS,
      max_frame_bytes: options.maxFrameBytes,
      max_message_length: options.maxMessageLength,
      max_subscriptions: options.maxSubscriptions,
      epoch: server.chat.history.mark(),
    }),
  )
}

/** Closes the connection if nobody has been named in time. */
export function expectName({ connection, options }: Peer): Timer {
  return options.clock.after(AUTH_WITHIN_MS, () => {
    if (connection.speaker === null) connection.close(CLOSE_NOT_IDENTIFIED, 'nobody was named in time')
  })
}

/** Never rejects. */
export async function authenticate(
  peer: Peer,
  { id, token }: Extract<ClientFrame, { type: 'auth' }>,
): Promise<void> {
  const { server, connection } = peer
  try {
    const identity = await server.identities.ofToken(token)
    if (!connection.alive) return
    // Asked only now: of two that were looked up at once the first one counts.
    const known = connection.speaker
    if (known !== null && known.user.id !== identity.user.id) {
      throw new ChatError('forbidden', "This connection is another user's")
    }
    const speaker = speakerOf(identity.user, identity)
    server.identify(connection, speaker)
    peer.result(id, identified(speaker))
  } catch (error) {
    peer.refuse(id, error)
    const wrong = error instanceof ChatError && error.kind === 'unauthenticated'
    if (connection.speaker === null && wrong) {
      connection.close(CLOSE_WRONG_CREDENTIALS, 'wrong credentials')
    }
  }
}

function identified({ user, expiresInMs }: Speaker): Identified {
  return { user: userRef(user), expires_in_ms: Math.floor(expiresInMs ?? Number.MAX_SAFE_INTEGER) }
}
