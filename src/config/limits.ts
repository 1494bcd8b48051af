import { section } from './section.ts'
import { integer } from './variable.ts'

export const limits = section('Limits', {
  maxMessageLength: integer(
    'MAX_MESSAGE_LENGTH',
    { default: 4000, min: 1, max: 16_000, unit: 'Unicode code points' },
    'Longest message text.',
  ),
  maxBodyBytes: integer(
    'MAX_BODY_BYTES',
    { default: 65_536, min: 1024, max: 1_048_576, unit: 'bytes' },
    'Largest REST request body and socket frame; at least four bytes per MAX_MESSAGE_LENGTH plus 512.',
  ),
  bodyDeadlineMs: integer(
    'BODY_DEADLINE_MS',
    { default: 30_000, min: 100, max: 600_000, unit: 'milliseconds' },
    "Time within which a request's body must have come; beyond it the request is refused and its connection closed.",
  ),
  requestsPerMinute: integer(
    'RATE_REQUESTS_PER_MINUTE',
    { default: 600, min: 1, max: 1_000_000, unit: 'requests per minute' },
    'REST requests from one client address.',
  ),
  loginsPerMinute: integer(
    'RATE_LOGINS_PER_MINUTE',
    { default: 10, min: 1, max: 100_000, unit: 'attempts per minute' },
    'Wrong passwords for one account; one client address may try three times as many. Each client from which the account was signed in to before has as many of its own.',
  ),
  registrationsPerMinute: integer(
    'RATE_REGISTRATIONS_PER_MINUTE',
    { default: 20, min: 1, max: 100_000, unit: 'accounts per minute' },
    'New accounts from one client address, with a password or without.',
  ),
  guestsPerMinute: integer(
    'RATE_GUESTS_PER_MINUTE',
    { default: 20, min: 1, max: 100_000, unit: 'guests per minute' },
    'Sockets that one client address may open as a guest.',
  ),
  messagesPerSecond: integer(
    'RATE_MESSAGES_PER_SECOND',
    { default: 100, min: 1, max: 1_000_000, unit: 'messages per second' },
    'Messages that one user may send in the long run.',
  ),
  messagesBurst: integer(
    'RATE_MESSAGES_BURST',
    { default: 500, min: 1, max: 1_000_000, unit: 'messages' },
    'Messages that one user may send at once after a pause.',
  ),
  userRequestsPerSecond: integer(
    'RATE_USER_REQUESTS_PER_SECOND',
    { default: 100, min: 1, max: 1_000_000, unit: 'requests per second' },
    'Requests that one user may make in the long run: over REST, and over v2 sockets other than messages.',
  ),
  userRequestsBurst: integer(
    'RATE_USER_REQUESTS_BURST',
    { default: 2000, min: 1, max: 1_000_000, unit: 'requests' },
    'The same at once after a pause; a client that comes back subscribes to all its rooms.',
  ),
  framesPerSecond: integer(
    'RATE_FRAMES_PER_SECOND',
    { default: 50_000, min: 10, max: 10_000_000, unit: 'frames per second' },
    'Frames that one socket may send in the long run; one of more than 4 KB counts once more for each 4 KB, a ping or a pong of the protocol 20 times. Past it the socket is closed with 1008.',
  ),
  framesBurst: integer(
    'RATE_FRAMES_BURST',
    { default: 3000, min: 500, max: 1_000_000, unit: 'frames' },
    'Frames that one socket may send at once after a pause; at least three times MAX_SUBSCRIPTIONS.',
  ),
  refusalsPerSecond: integer(
    'RATE_REFUSALS_PER_SECOND',
    { default: 50, min: 1, max: 1_000_000, unit: 'refusals per second' },
    'Frames of one socket that may be refused in the long run, but for what is no fault of its own; one of more than 4 KB counts once more for each 4 KB. Past it the socket is closed with 1008.',
  ),
  refusalsBurst: integer(
    'RATE_REFUSALS_BURST',
    { default: 1000, min: 100, max: 1_000_000, unit: 'refusals' },
    'Frames of one socket that may be refused at once after a pause; at least MAX_SUBSCRIPTIONS.',
  ),
  maxConnections: integer(
    'MAX_CONNECTIONS',
    { default: 100_000, min: 1, max: 10_000_000, unit: 'sockets' },
    'Open sockets on this node; fewer if the process may have fewer files open.',
  ),
  maxConnectionsPerAddress: integer(
    'MAX_CONNECTIONS_PER_ADDRESS',
    { default: 1000, min: 1, max: 10_000_000, unit: 'sockets' },
    'Open sockets from one client address, over all nodes.',
  ),
  maxConnectionsPerUser: integer(
    'MAX_CONNECTIONS_PER_USER',
    { default: 500, min: 1, max: 10_000_000, unit: 'sockets' },
    'Open sockets of one user, over all nodes; contracts of one room a socket need one for each room.',
  ),
  maxSubscriptions: integer(
    'MAX_SUBSCRIPTIONS',
    { default: 1000, min: 1, max: 100_000, unit: 'rooms' },
    'Rooms that one v2 socket may be subscribed to.',
  ),
})

export const sends = section('Sending', {
  queueLimit: integer(
    'SEND_QUEUE_LIMIT',
    { default: 10_000, min: 1, max: 1_000_000, unit: 'messages' },
    'Messages that may wait for the database; beyond it a send fails with `overloaded`.',
  ),
  queueBytes: integer(
    'SEND_QUEUE_BYTES',
    // The least is the most that MAX_BODY_BYTES can be, so that any one message fits.
    { default: 33_554_432, min: 1_048_576, max: 1_073_741_824, unit: 'bytes' },
    'Size of the messages that may wait for the database; beyond it a send fails with `overloaded`.',
  ),
  batchLimit: integer(
    'SEND_BATCH_LIMIT',
    { default: 1000, min: 1, max: 10_000, unit: 'messages' },
    'Most messages written in one statement.',
  ),
  deadlineMs: integer(
    'SEND_DEADLINE_MS',
    { default: 5000, min: 100, max: 60_000, unit: 'milliseconds' },
    'Time after which a send that is not yet stored fails and may be retried.',
  ),
})

export const socket = section('Sockets', {
  pingMs: integer(
    'SOCKET_PING_MS',
    { default: 25_000, min: 100, max: 600_000, unit: 'milliseconds' },
    'Interval between pings to a client.',
  ),
  pongDeadlineMs: integer(
    'SOCKET_PONG_DEADLINE_MS',
    { default: 60_000, min: 200, max: 3_600_000, unit: 'milliseconds' },
    'Silence after which a client counts as gone; must be longer than SOCKET_PING_MS.',
  ),
  backpressureBytes: integer(
    'SOCKET_BACKPRESSURE_BYTES',
    { default: 1_048_576, min: 65_536, max: 67_108_864, unit: 'bytes' },
    'Unsent bytes after which a slow client is closed; at least MAX_BODY_BYTES.',
  ),
  heartbeatMs: integer(
    'SOCKET_HEARTBEAT_MS',
    { default: 20_000, min: 100, max: 600_000, unit: 'milliseconds' },
    'Interval between heartbeats on v2 sockets; a client takes twice that in silence for a dead connection.',
  ),
  resumeLimit: integer(
    'RESUME_LIMIT',
    { default: 20_000, min: 0, max: 10_000_000, unit: 'changes' },
    'Missed changes of a room up to which a v2 client is sent all of them; past it, it gets a snapshot.',
  ),
})
