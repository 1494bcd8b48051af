import { host, keyPrefix, networks, origins, path, postgresUrl, redisUrl, roomName } from './formats.ts'
import { limits, sends, socket } from './limits.ts'
import { section } from './section.ts'
import { boolean, choice, integer, list, optionalText, secretUrl, text } from './variable.ts'

/** Decides other variables' defaults, so it is read before them. */
export const mode = choice(
  'NODE_ENV',
  ['development', 'production', 'test'],
  { default: 'development' },
  'What this process runs for; production changes the defaults of HOST, DRAIN_DELAY_MS, SHUTDOWN_DEADLINE_MS and V1_TRUST_IDS.',
)

const server = section('Server', {
  host: text('HOST', host, { default: '127.0.0.1', inProduction: '0.0.0.0' }, 'Address to listen on.'),
  port: integer('PORT', { default: 8000, min: 0, max: 65_535 }, 'Port to listen on; 0 takes any free port.'),
  httpIdleSeconds: integer(
    'HTTP_IDLE_SECONDS',
    // The most that Bun takes.
    { default: 75, min: 5, max: 255, unit: 'seconds' },
    'How long a connection may be silent, between requests or within one, before it is closed; longer than a balancer keeps it unused.',
  ),
})

const database = section('Database', {
  url: secretUrl(
    'DATABASE_URL',
    postgresUrl,
    'Postgres server to store everything in; unset means the embedded database in DATA_DIR.',
  ),
  poolSize: integer(
    'DATABASE_POOL_SIZE',
    { default: 8, min: 1, max: 200, unit: 'connections' },
    'Connections for everything but writing messages; the embedded database ignores it.',
  ),
  lanes: integer(
    'DATABASE_LANES',
    { default: 1, min: 1, max: 16, unit: 'connections' },
    'Connections that write message batches, each those of its own rooms: more than one where that one is always busy and Postgres has cores to spare, since one larger batch is written sooner than two small ones. The embedded database ignores it.',
  ),
  prepare: boolean(
    'DATABASE_PREPARE',
    { default: true },
    'Whether to use prepared statements; false for a PgBouncer that cannot hold them.',
  ),
  statementTimeoutMs: integer(
    'DATABASE_STATEMENT_TIMEOUT_MS',
    { default: 10_000, min: 100, max: 600_000, unit: 'milliseconds' },
    'Time after which Postgres cancels a statement.',
  ),
  startDeadlineMs: integer(
    'DATABASE_START_DEADLINE_MS',
    { default: 30_000, min: 0, max: 3_600_000, unit: 'milliseconds' },
    'How long the start waits for a database that is away before it gives up; 0 for a single attempt. A login that is refused ends it at once.',
  ),
})

const redis = section('Redis', {
  url: secretUrl(
    'REDIS_URL',
    redisUrl,
    'Redis that several nodes share, all with the same database; unset means that this node is alone.',
  ),
  prefix: text(
    'REDIS_PREFIX',
    keyPrefix,
    { default: 'parley' },
    'What the keys in Redis begin with: one for each installation that shares the server.',
  ),
  shards: integer(
    'REDIS_SHARDS',
    { default: 8, min: 1, max: 256, unit: 'streams' },
    'Streams over which rooms are spread; the same on every node.',
  ),
})

const log = section('Log', {
  level: choice(
    'LOG_LEVEL',
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    { default: 'info' },
    'Least severe level that is logged.',
  ),
  format: choice(
    'LOG_FORMAT',
    ['json', 'pretty'],
    { default: 'json' },
    'One JSON object a line, or lines for people.',
  ),
})

const security = section('Security', {
  allowedOrigins: list(
    'ALLOWED_ORIGINS',
    origins,
    'Other origins whose pages may use Parley with credentials, as a guest or by a bare id; its own origin always may.',
  ),
  trustedProxies: list(
    'TRUSTED_PROXIES',
    networks,
    'Reverse proxies whose X-Forwarded-For header is believed.',
  ),
})

const v1 = section('Chat API v1', {
  trustIds: boolean(
    'V1_TRUST_IDS',
    { default: true, inProduction: false },
    'Whether /api/v1 lets a bare user id speak for a user without a password; false requires the token.',
  ),
})

const rooms = section('Rooms', {
  defaultRoom: text(
    'DEFAULT_ROOM',
    roomName,
    { default: 'lobby' },
    'The public room that requests of the live chat mean when they name none; made at the start.',
  ),
  allowGuests: boolean(
    'ALLOW_GUESTS',
    { default: false },
    'Whether a socket without a token may enter public rooms, as a guest with a made-up name.',
  ),
  listLimit: integer(
    'ROOM_LIST_LIMIT',
    { default: 200, min: 0, max: 1000, unit: 'members' },
    'Members up to which a room tells who is online and how far each has read; larger ones tell counts.',
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
    'Port of the TLS listener, where there is a certificate; 0 takes any free port.',
  ),
  certFile: optionalText('TLS_CERT_FILE', path, 'Certificate chain in PEM; needs TLS_KEY_FILE.'),
  keyFile: optionalText('TLS_KEY_FILE', path, 'Private key in PEM of the certificate.'),
  selfSigned: boolean(
    'TLS_SELF_SIGNED',
    { default: false },
    'Whether to make a certificate for localhost in DATA_DIR, once, for development.',
  ),
})

const auth = section('Sign-in', {
  registration: choice(
    'REGISTRATION',
    ['open', 'closed'],
    { default: 'open' },
    'Whether anyone may make an account; when closed, only accounts that exist sign in.',
  ),
  tokenTtlDays: integer(
    'TOKEN_TTL_DAYS',
    { default: 90, min: 1, max: 3650, unit: 'days' },
    'How long a token is valid.',
  ),
  passwordMinLength: integer(
    'PASSWORD_MIN_LENGTH',
    { default: 8, min: 1, max: 128, unit: 'characters' },
    'Shortest password that a new account may have.',
  ),
  passwordHashConcurrency: integer(
    'PASSWORD_HASH_CONCURRENCY',
    { default: 2, min: 1, max: 64, unit: 'hashes' },
    'Passwords hashed at the same time; each takes a processor core and memory.',
  ),
  passwordHashQueue: integer(
    'PASSWORD_HASH_QUEUE',
    { default: 64, min: 0, max: 10_000, unit: 'hashes' },
    'How many more may wait for their turn before the next is refused as overloaded: as many sign-ins, registrations, and sign-ins from where the account was used before.',
  ),
})

/** Every setting, in the shape of Config. */
export const settings = section('Process', {
  mode,
  dataDir: text(
    'DATA_DIR',
    path,
    { default: './data' },
    'Folder for what Parley keeps on disk, such as the embedded database.',
  ),
  drainDelayMs: integer(
    'DRAIN_DELAY_MS',
    { default: 0, inProduction: 7000, min: 0, max: 600_000, unit: 'milliseconds' },
    'Time from the stop signal, which /readyz tells at once, until connections are refused: as long as balancers take to notice.',
  ),
  shutdownDeadlineMs: integer(
    'SHUTDOWN_DEADLINE_MS',
    { default: 10_000, inProduction: 20_000, min: 100, max: 1_200_000, unit: 'milliseconds' },
    'Time from the stop signal to the exit of the process, finished or not; longer than DRAIN_DELAY_MS.',
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
  limits,
  sends,
  socket,
})
