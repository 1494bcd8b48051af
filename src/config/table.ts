import { attachments } from './attachments.ts'
import {
  basePath,
  changesOfRooms,
  host,
  keyPrefix,
  networks,
  origins,
  path,
  postgresUrl,
  publicUrl,
  redisUrl,
  roomName,
} from './formats.ts'
import { limits, sends, socket } from './limits.ts'
import { section } from './section.ts'
import { auth, cookies } from './sign-in.ts'
import { boolean, choice, integer, list, optionalText, secretUrl, text } from './variable.ts'

/** Decides the defaults of other variables, so it is read before them. */
export const mode = choice(
  'NODE_ENV',
  ['development', 'production', 'test'],
  { default: 'development' },
  'Purpose of this process; production changes the defaults of HOST, DRAIN_DELAY_MS, SHUTDOWN_DEADLINE_MS and V1_TRUST_IDS, and development adds pages of localhost to ALLOWED_ORIGINS.',
)

const server = section('Server', {
  host: text('HOST', host, { default: '127.0.0.1', inProduction: '0.0.0.0' }, 'Address to listen on.'),
  port: integer('PORT', { default: 8000, min: 0, max: 65_535 }, 'Port to listen on; 0 takes any free port.'),
  basePath: text(
    'BASE_PATH',
    basePath,
    { default: '/' },
    'Path below which clients see the server, behind a proxy that has other things on the same host; whether the proxy takes it off does not matter.',
  ),
  httpIdleSeconds: integer(
    'HTTP_IDLE_SECONDS',
    // 255 is the most that Bun accepts.
    { default: 75, min: 5, max: 255, unit: 'seconds' },
    'How long a connection may be silent, between requests or within one, before it is closed. Choose more than the time for which your load balancer keeps idle connections.',
  ),
})

const database = section('Database', {
  url: secretUrl(
    'DATABASE_URL',
    postgresUrl,
    'Postgres server that stores everything; unset means the embedded database in DATA_DIR.',
  ),
  poolSize: integer(
    'DATABASE_POOL_SIZE',
    { default: 8, min: 1, max: 200, unit: 'connections' },
    'Connections for everything except writing messages; the embedded database ignores it.',
  ),
  lanes: integer(
    'DATABASE_LANES',
    { default: 1, min: 1, max: 16, unit: 'connections' },
    'Connections that write message batches, each for its own share of the rooms. Raise it only if one connection is always busy and Postgres has idle cores: one large batch is written faster than two small ones. The embedded database ignores it.',
  ),
  prepare: boolean(
    'DATABASE_PREPARE',
    { default: true },
    'Whether to use prepared statements; set false for a PgBouncer that does not track them.',
  ),
  statementTimeoutMs: integer(
    'DATABASE_STATEMENT_TIMEOUT_MS',
    { default: 10_000, min: 100, max: 600_000, unit: 'milliseconds' },
    'Time after which Postgres cancels a statement.',
  ),
  startDeadlineMs: integer(
    'DATABASE_START_DEADLINE_MS',
    { default: 30_000, min: 0, max: 3_600_000, unit: 'milliseconds' },
    'How long the start waits for a database that cannot be reached before it gives up; 0 means a single attempt. A refused login ends the start at once.',
  ),
})

const redis = section('Redis', {
  url: secretUrl(
    'REDIS_URL',
    redisUrl,
    'Redis server that connects several nodes, all of which use the same database; unset means that there is only this node.',
  ),
  prefix: text(
    'REDIS_PREFIX',
    keyPrefix,
    { default: 'parley' },
    'Prefix of all keys in Redis. Installations that share a Redis server need different ones.',
  ),
  shards: integer(
    'REDIS_SHARDS',
    { default: 8, min: 1, max: 256, unit: 'streams' },
    'Number of Redis streams over which rooms are spread; must be the same on every node.',
  ),
})

const log = section('Log', {
  level: choice(
    'LOG_LEVEL',
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    { default: 'info' },
    'Lowest level that is logged.',
  ),
  format: choice(
    'LOG_FORMAT',
    ['json', 'pretty'],
    { default: 'json' },
    'One JSON object per line, or lines for people to read.',
  ),
})

const security = section('Security', {
  allowedOrigins: list(
    'ALLOWED_ORIGINS',
    origins,
    "Other origins whose pages may use Parley with credentials, as a guest or by a bare user id. Parley's own origin is always allowed.",
  ),
  trustedProxies: list(
    'TRUSTED_PROXIES',
    networks,
    'Reverse proxies that are believed what they tell of a request, in X-Forwarded-For, -Proto, -Host and -Prefix or in Forwarded.',
  ),
  publicUrl: optionalText(
    'PUBLIC_URL',
    publicUrl,
    'The only origin under which clients see the server; unset takes it from each request. Links are made with it, cookies are Secure if it is https, and pages of other hosts are foreign.',
  ),
})

const v1 = section('Chat API v1', {
  trustIds: boolean(
    'V1_TRUST_IDS',
    { default: true, inProduction: false },
    'Whether /api/v1 accepts a bare user id as identification of a user who has no password; false requires the token.',
  ),
})

const rooms = section('Rooms', {
  defaultRoom: text(
    'DEFAULT_ROOM',
    roomName,
    { default: 'lobby' },
    'Public room that live chat requests use when they name no room; it is created at the start if it is missing.',
  ),
  allowGuests: boolean(
    'ALLOW_GUESTS',
    { default: false },
    'Whether a socket without a token may enter public rooms, as a guest with a generated name.',
  ),
  listLimit: integer(
    'ROOM_LIST_LIMIT',
    { default: 200, min: 0, max: 1000, unit: 'members' },
    'Largest room that shows who is online and how far each member has read; larger rooms show counts only.',
  ),
  mentionLimit: integer(
    'ROOM_MENTION_LIMIT',
    { default: 100, min: 0, max: 1_000_000, unit: 'members' },
    'Largest room in which every member may mention @room and @online; in larger rooms only owners and admins may.',
  ),
  systemMessages: list(
    'SYSTEM_MESSAGES',
    changesOfRooms,
    'Changes of a room after which the server writes a message of the kind `system` into it, in the name of the user who made the change.',
  ),
  presenceGraceMs: integer(
    'PRESENCE_GRACE_MS',
    { default: 10_000, min: 0, max: 600_000, unit: 'milliseconds' },
    'How long a user stays online after their last connection has closed.',
  ),
})

const tls = section('TLS', {
  port: integer(
    'TLS_PORT',
    { default: 10_443, min: 0, max: 65_535 },
    'Port of the TLS listener, which needs a certificate; 0 takes any free port.',
  ),
  certFile: optionalText('TLS_CERT_FILE', path, 'Certificate chain in PEM; needs TLS_KEY_FILE.'),
  keyFile: optionalText('TLS_KEY_FILE', path, 'Private key of the certificate in PEM; needs TLS_CERT_FILE.'),
  selfSigned: boolean(
    'TLS_SELF_SIGNED',
    { default: false },
    'Whether to create a certificate for localhost in DATA_DIR if there is none, for development.',
  ),
})

/** Every setting, in the shape of Config. */
export const settings = section('Process', {
  mode,
  dataDir: text(
    'DATA_DIR',
    path,
    { default: './data' },
    'Folder for the files that Parley keeps on disk, such as the embedded database.',
  ),
  drainDelayMs: integer(
    'DRAIN_DELAY_MS',
    { default: 0, inProduction: 7000, min: 0, max: 600_000, unit: 'milliseconds' },
    'Time from the stop signal until new connections are refused. /readyz answers 503 during it; choose as much time as load balancers take to notice.',
  ),
  shutdownDeadlineMs: integer(
    'SHUTDOWN_DEADLINE_MS',
    { default: 10_000, inProduction: 20_000, min: 100, max: 1_200_000, unit: 'milliseconds' },
    'Time from the stop signal until the process exits, even if it has not finished; must be more than DRAIN_DELAY_MS.',
  ),
  server,
  database,
  redis,
  log,
  security,
  v1,
  rooms,
  tls,
  auth,
  cookies,
  limits,
  sends,
  socket,
  attachments,
})
