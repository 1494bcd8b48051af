import { ChatError, type Timer } from '../../../core/index.ts'
import type { Speaker } from '../../../server/index.ts'
import { speakerOf } from '../../shared/index.ts'
import { userRef } from '../bodies.ts'
import { type ClientFrame, type Identified, MAX_BATCH, PROTOCOL } from '../wire/index.ts'
import { frame } from './codec.ts'
import type { Peer } from './peer.ts'

/*
 * Identifies the user of a connection: by the handshake or by a frame, which may also renew the token.
 */

/** How long a client may take to identify itself, in milliseconds. */
const AUTH_WITHIN_MS = 10_000

/** In the range of codes after which clients reconnect. */
const CLOSE_NOT_IDENTIFIED = 4000
/** In the range of codes after which clients do not reconnect with the same token. */
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
      batch: true,
      max_batch: MAX_BATCH,
      epoch: server.chat.history.mark(),
    }),
  )
}

/** Closes the connection if the client has not identified itself in time. */
export function expectIdentity({ connection, options }: Peer): Timer {
  return options.clock.after(AUTH_WITHIN_MS, () => {
    if (connection.speaker === null) connection.close(CLOSE_NOT_IDENTIFIED, 'not identified in time')
  })
}

/** Handles an `auth` frame. Never rejects. */
export async function authenticate(
  peer: Peer,
  { id, token, batch }: Extract<ClientFrame, { type: 'auth' }>,
): Promise<void> {
  const { server, connection } = peer
  try {
    const identity = await server.identities.ofToken(token)
    if (!connection.alive) return
    // Read only after the look-up: of two concurrent `auth` frames, the first to finish counts.
    const known = connection.speaker
    if (known !== null && known.user.id !== identity.user.id) {
      throw new ChatError('forbidden', 'This connection belongs to another user')
    }
    const speaker = speakerOf(identity.user, identity)
    server.identify(connection, speaker)
    if (batch !== undefined) connection.takesBatches = batch
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
