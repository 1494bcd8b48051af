import { section } from './section.ts'
import { integer } from './variable.ts'

export const limits = section('Limits', {
  maxMessageLength: integer(
    'MAX_MESSAGE_LENGTH',
    { default: 4000, min: 1, max: 16_000, unit: 'Unicode code points' },
    'Maximum length of a message text.',
  ),
  revisionsKept: integer(
    'REVISIONS_KEPT',
    { default: 20, min: 0, max: 50, unit: 'texts' },
    'Former texts of an edited message that its sender and the staff of its room can read; 0 keeps none. Those that are kept already end after REVISIONS_DAYS, with the next edit, or when the message is deleted.',
  ),
  revisionsDays: integer(
    'REVISIONS_DAYS',
    { default: 90, min: 1, max: 3650, unit: 'days' },
    'Days for which the former texts of edited messages are kept.',
  ),
  mostSaved: integer(
    'MAX_SAVED_MESSAGES',
    { default: 1000, min: 0, max: 10_000, unit: 'messages' },
    'Messages that a user may save for themselves.',
  ),
  mostPins: integer(
    'MAX_PINS',
    { default: 100, min: 0, max: 1000, unit: 'messages' },
    'Messages that may be pinned in a room at the same time.',
  ),
  maxBodyBytes: integer(
    'MAX_BODY_BYTES',
    { default: 65_536, min: 1024, max: 1_048_576, unit: 'bytes' },
    'Maximum size of a REST request body and of a socket frame; must be at least 4 × MAX_MESSAGE_LENGTH + 512.',
  ),
  bodyDeadlineMs: integer(
    'BODY_DEADLINE_MS',
    { default: 30_000, min: 100, max: 600_000, unit: 'milliseconds' },
    'Time within which the body of a request must arrive; after it the request is refused and its connection closed.',
  ),
  requestsPerMinute: integer(
    'RATE_REQUESTS_PER_MINUTE',
    { default: 600, min: 1, max: 1_000_000, unit: 'requests per minute' },
    'REST requests that one client address may make.',
  ),
  loginsPerMinute: integer(
    'RATE_LOGINS_PER_MINUTE',
    { default: 10, min: 1, max: 100_000, unit: 'attempts per minute' },
    'Wrong passwords that may be tried for one account; from one client address, three times as many for all accounts. A client from which the account was signed in to before is counted separately, with the same limit.',
  ),
  registrationsPerMinute: integer(
    'RATE_REGISTRATIONS_PER_MINUTE',
    { default: 20, min: 1, max: 100_000, unit: 'accounts per minute' },
    'Accounts that one client address may create, with or without a password.',
  ),
  guestsPerMinute: integer(
    'RATE_GUESTS_PER_MINUTE',
    { default: 20, min: 1, max: 100_000, unit: 'guests per minute' },
    'Sockets that one client address may open as a guest.',
  ),
  searchesPerMinute: integer(
    'RATE_SEARCHES_PER_MINUTE',
    { default: 120, min: 1, max: 1_000_000, unit: 'searches per minute' },
    'Searches in messages that one user may make, pages included.',
  ),
  messagesPerSecond: integer(
    'RATE_MESSAGES_PER_SECOND',
    { default: 100, min: 1, max: 1_000_000, unit: 'messages per second' },
    'Messages that one user may send on average.',
  ),
  messagesBurst: integer(
    'RATE_MESSAGES_BURST',
    { default: 500, min: 1, max: 1_000_000, unit: 'messages' },
    'Messages that one user may send at once, after a pause.',
  ),
  userRequestsPerSecond: integer(
    'RATE_USER_REQUESTS_PER_SECOND',
    { default: 100, min: 1, max: 1_000_000, unit: 'requests per second' },
    'Requests that one user may make on average: over REST, and over v2 sockets except for sending messages.',
  ),
  userRequestsBurst: integer(
    'RATE_USER_REQUESTS_BURST',
    { default: 5000, min: 1, max: 1_000_000, unit: 'requests' },
    'Requests that one user may make at once, after a pause; a client that reconnects subscribes to all its rooms at once, and marks what it gets.',
  ),
  framesPerSecond: integer(
    'RATE_FRAMES_PER_SECOND',
    { default: 50_000, min: 10, max: 10_000_000, unit: 'frames per second' },
    'Frames that one socket may send on average. A large frame counts once more for each 4 KB, a WebSocket ping or pong 20 times. A socket that exceeds this is closed with 1008.',
  ),
  framesBurst: integer(
    'RATE_FRAMES_BURST',
    { default: 7500, min: 500, max: 1_000_000, unit: 'frames' },
    'Frames that one socket may send at once, after a pause; raised to 3 × MAX_SUBSCRIPTIONS if it is less.',
  ),
  refusalsPerSecond: integer(
    'RATE_REFUSALS_PER_SECOND',
    { default: 50, min: 1, max: 1_000_000, unit: 'refusals per second' },
    'Refused frames that one socket may send on average. Refusals that are not the fault of the client do not count; a large frame counts once more for each 4 KB. A socket that exceeds this is closed with 1008.',
  ),
  refusalsBurst: integer(
    'RATE_REFUSALS_BURST',
    { default: 2500, min: 100, max: 1_000_000, unit: 'refusals' },
    'Refused frames that one socket may send at once, after a pause; raised to MAX_SUBSCRIPTIONS if it is less.',
  ),
  maxConnections: integer(
    'MAX_CONNECTIONS',
    { default: 100_000, min: 1, max: 10_000_000, unit: 'sockets' },
    'Open sockets on this node; reduced if the limit on open files of the process is lower.',
  ),
  maxConnectionsPerAddress: integer(
    'MAX_CONNECTIONS_PER_ADDRESS',
    { default: 1000, min: 1, max: 10_000_000, unit: 'sockets' },
    'Open sockets from one client address, over all nodes.',
  ),
  maxConnectionsPerUser: integer(
    'MAX_CONNECTIONS_PER_USER',
    { default: 500, min: 1, max: 10_000_000, unit: 'sockets' },
    'Open sockets of one user, over all nodes; APIs with one socket per room need one for each room.',
  ),
  maxSubscriptions: integer(
    'MAX_SUBSCRIPTIONS',
    { default: 2500, min: 1, max: 100_000, unit: 'rooms' },
    'Rooms that one v2 socket may subscribe to. RATE_USER_REQUESTS_BURST should be twice as much.',
  ),
})

export const sends = section('Sending', {
  queueLimit: integer(
    'SEND_QUEUE_LIMIT',
    { default: 10_000, min: 1, max: 1_000_000, unit: 'messages' },
    'Messages that may wait for the database; if it is full, sends fail with `overloaded`.',
  ),
  queueBytes: integer(
    'SEND_QUEUE_BYTES',
    // The minimum equals the maximum of MAX_BODY_BYTES, so that any single message fits.
    { default: 33_554_432, min: 1_048_576, max: 1_073_741_824, unit: 'bytes' },
    'Total size of the messages that may wait for the database; if it is full, sends fail with `overloaded`.',
  ),
  batchLimit: integer(
    'SEND_BATCH_LIMIT',
    { default: 1000, min: 1, max: 10_000, unit: 'messages' },
    'Maximum number of messages that one statement writes.',
  ),
  deadlineMs: integer(
    'SEND_DEADLINE_MS',
    { default: 5000, min: 100, max: 60_000, unit: 'milliseconds' },
    'Time after which a send that is not stored yet fails; the client may retry it.',
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
    'Silence after which a client is considered gone and its socket closed; must be more than SOCKET_PING_MS.',
  ),
  backpressureBytes: integer(
    'SOCKET_BACKPRESSURE_BYTES',
    { default: 1_048_576, min: 65_536, max: 67_108_864, unit: 'bytes' },
    'Unsent bytes after which a slow client is sent nothing more and is closed with 4008; must be at least MAX_BODY_BYTES.',
  ),
  heartbeatMs: integer(
    'SOCKET_HEARTBEAT_MS',
    { default: 20_000, min: 100, max: 600_000, unit: 'milliseconds' },
    'Interval between heartbeats on v2 sockets; a client that hears nothing for twice as long considers the connection dead.',
  ),
  resumeLimit: integer(
    'RESUME_LIMIT',
    { default: 20_000, min: 0, max: 10_000_000, unit: 'changes' },
    'Missed changes of a room that a reconnecting v2 client is sent one by one; if it missed more, it gets a snapshot.',
  ),
})
