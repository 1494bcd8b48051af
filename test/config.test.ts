import { describe, expect, test } from 'bun:test'
import { settings } from '../src/config/table.ts'
import type { Environment, Variable } from '../src/config/variable.ts'
import { type Config, ConfigError, likelyMistakes, loadConfig } from '../src/config.ts'
import { envExample, settingsPage } from '../src/config-docs.ts'

const variables = settings.groups.flatMap((group) => group.variables)
const defaults: Config = {
  mode: 'development',
  dataDir: './data',
  drainDelayMs: 0,
  shutdownDeadlineMs: 10_000,
  server: { host: '127.0.0.1', port: 8000, basePath: '/', httpIdleSeconds: 75 },
  database: {
    url: undefined,
    poolSize: 8,
    lanes: 1,
    prepare: true,
    statementTimeoutMs: 10_000,
    startDeadlineMs: 30_000,
  },
  redis: { url: undefined, prefix: 'parley', shards: 8 },
  log: { level: 'info', format: 'json' },
  security: { allowedOrigins: [], trustedProxies: [], publicUrl: undefined },
  v1: { trustIds: true },
  rooms: {
    defaultRoom: 'lobby',
    allowGuests: false,
    listLimit: 200,
    mentionLimit: 100,
    systemMessages: [],
    presenceGraceMs: 10_000,
  },
  attachments: {
    dir: undefined,
    maxBytes: 26_214_400,
    types: [],
    maxPixels: 50_000_000,
    quotaBytes: 1_073_741_824,
    bytesPerHour: 536_870_912,
    filesPerHour: 300,
    linkSeconds: 300,
    s3: {
      bucket: undefined,
      endpoint: undefined,
      region: undefined,
      accessKeyId: undefined,
      secretAccessKey: undefined,
      prefix: 'parley/',
    },
  },
  tls: { port: 10_443, certFile: undefined, keyFile: undefined, selfSigned: false },
  auth: {
    registration: 'open',
    tokenTtlDays: 90,
    passwordMinLength: 8,
    passwordHashConcurrency: 2,
    passwordHashQueue: 64,
  },
  cookies: { name: 'parley_session', path: undefined, sameSite: 'lax' },
  limits: {
    maxMessageLength: 4000,
    revisionsKept: 20,
    revisionsDays: 90,
    mostSaved: 1000,
    mostPins: 100,
    maxBodyBytes: 65_536,
    bodyDeadlineMs: 30_000,
    requestsPerMinute: 600,
    loginsPerMinute: 10,
    registrationsPerMinute: 20,
    guestsPerMinute: 20,
    searchesPerMinute: 120,
    messagesPerSecond: 100,
    messagesBurst: 500,
    userRequestsPerSecond: 100,
    userRequestsBurst: 5000,
    framesPerSecond: 50_000,
    framesBurst: 7500,
    refusalsPerSecond: 50,
    refusalsBurst: 2500,
    maxConnections: 100_000,
    maxConnectionsPerAddress: 1000,
    maxConnectionsPerUser: 500,
    maxSubscriptions: 2500,
  },
  sends: { queueLimit: 10_000, queueBytes: 33_554_432, batchLimit: 1000, deadlineMs: 5000 },
  socket: {
    pingMs: 25_000,
    pongDeadlineMs: 60_000,
    backpressureBytes: 1_048_576,
    heartbeatMs: 20_000,
    resumeLimit: 20_000,
  },
}

describe('defaults', () => {
  test('apply with an empty environment, empty values and unknown variables', () => {
    const empty = Object.fromEntries(variables.map(({ name }) => [name, '']))
    for (const env of [{}, empty, { PORTS: 'x' }]) expect(loadConfig(env)).toStrictEqual(defaults)
  })

  test('depend on NODE_ENV', () => {
    expect(loadConfig({ NODE_ENV: 'test' })).toStrictEqual({ ...defaults, mode: 'test' })
    expect(loadConfig({ NODE_ENV: ' production ' })).toStrictEqual({
      ...defaults,
      mode: 'production',
      drainDelayMs: 7000,
      shutdownDeadlineMs: 20_000,
      server: { ...defaults.server, host: '0.0.0.0' },
      v1: { trustIds: false },
    })
    const chosen = loadConfig({ NODE_ENV: 'production', HOST: '::1', V1_TRUST_IDS: 'true' })
    expect([chosen.server.host, chosen.v1.trustIds]).toEqual(['::1', true])
  })

  test('are deeply frozen, as are given values', () => {
    for (const config of [loadConfig({}), loadConfig({ ALLOWED_ORIGINS: 'https://a.example' })]) {
      expect(thawed(config)).toEqual([])
    }
    expect(thawed({ inner: Object.freeze({ list: [] }) })).toEqual(['', '.inner.list'])
  })
})

describe.each(variables.map((variable) => [variable.name, variable] as const))('%s', (name, variable) => {
  test('accepts each allowed value, which changes one setting', () => {
    const rights = right(variable)
    expect(rights).not.toBeEmpty()
    for (const value of rights) {
      const before = leaves(loadConfig(companions[name] ?? {}))
      const after = leaves(loadConfig({ ...companions[name], [name]: ` ${value}\r` }))
      const changed = [...after].filter(([path, leaf]) => before.get(path) !== leaf).map(([, leaf]) => leaf)
      const expected = value === variable.defaults.usual ? [] : [value]
      expect(changed.filter((leaf) => leaf === value)).toEqual(expected)
      if (name !== 'NODE_ENV') expect(changed.length).toBeLessThanOrEqual(1)
    }
  })

  test('refuses every other value in one line that says what is allowed', () => {
    const { rule } = variable
    const wrongs = wrong(variable)
    expect(wrongs).not.toBeEmpty()
    for (const value of wrongs) {
      const message = failure({ [name]: value })
      expect(message).toStartWith(`${name} must be `)
      expect(message).not.toMatch(/[\r\n\u2028]/)
      if (rule.kind === 'choice') for (const choice of rule.choices) expect(message).toContain(choice)
      if (rule.kind === 'integer') expect(message).toContain(`from ${rule.min} to ${rule.max}`)
      if (rule.kind === 'text' || rule.kind === 'list') expect(message).toContain(rule.form)
      if (rule.kind === 'integer' || rule.kind === 'choice')
        expect(message).toEndWith(`but is "${value.trim()}"`)
    }
  })
})

describe('wrong values in messages', () => {
  test.each([
    'mysql://parley:hunter2@db/parley',
    'postgres://parley:hunter2#x@db/parley',
    'postgres://parley:hunter2%@db/parley',
    'postgres://parley:hunter2@db:99999/parley?password=hunter2',
    'hunter2',
  ])('a secret is not shown: %s', (url) => {
    expect(failure({ DATABASE_URL: url })).not.toMatch(/hunter2|parley:/)
    expect(failure({ ALLOWED_ORIGINS: `https://me:hunter2@a.example` })).not.toContain('hunter2')
  })

  test('are escaped onto one line and cut', () => {
    expect(failure({ PORT: 'a\nb\u2028c\u202e' })).toEndWith('but is "a\\nb\\u{2028}c\\u{202e}"')
    expect(failure({ PORT: '9'.repeat(10_000) }).length).toBeLessThan(200)
  })

  test('name the item of a list that is wrong', () => {
    expect(failure({ TRUSTED_PROXIES: '10.0.0.1, , 10.0.0.0/33' })).toEndWith('but contains "10.0.0.0/33"')
  })
})

test('lists are split at commas, without blanks and empty items', () => {
  const { security } = loadConfig({ TRUSTED_PROXIES: ' 10.0.0.0/8 ,, ::1,', ALLOWED_ORIGINS: ',' })
  expect(security).toStrictEqual({
    allowedOrigins: [],
    trustedProxies: ['10.0.0.0/8', '::1'],
    publicUrl: undefined,
  })
})

describe('a variable that is not a setting', () => {
  test.each([
    ['ALLOW_GUEST', 'ALLOW_GUESTS'],
    ['allow_guests', 'ALLOW_GUESTS'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['MAXCONNECTIONS', 'MAX_CONNECTIONS'],
    ['LOG_LEVELS', 'LOG_LEVEL'],
    ['PARLEY_PORT', 'PORT'],
    ['PARLEY_DATA_DIR', 'DATA_DIR'],
  ])('%s gets a warning that suggests %s', (name, meant) => {
    expect(likelyMistakes({ [name]: '1' })).toEqual([
      `${name} is not a setting and is ignored: did you mean ${meant}?`,
    ])
  })

  test('gets a warning if it begins with PARLEY_', () => {
    expect(likelyMistakes({ PARLEY_SECRET: 'abc' })).toEqual([
      'PARLEY_SECRET is not a setting and is ignored',
    ])
  })

  test('gets no warning if it resembles no setting, or if Kubernetes sets it for a service', () => {
    const usual =
      'HOME PATH PWD USER SHELL LANG TERM HOSTNAME SHLVL TZ EDITOR LOGNAME TMPDIR HTTP_PROXY NO_PROXY PGHOST PGPORT PGUSER REDIS_HOST DATABASE_HOST TEST_DATABASE_URL CI NODE_OPTIONS NODE_EXTRA_CA_CERTS POD_NAME POD_IP'
    const ofService = {
      PARLEY_PORT: 'tcp://10.0.0.1:8000',
      PARLEY_PORT_8000_TCP: 'tcp://10.0.0.1:8000',
      PARLEY_PORT_8000_TCP_ADDR: '10.0.0.1',
      PARLEY_SERVICE_HOST: '10.0.0.1',
      PARLEY_SERVICE_PORT_HTTP: '8000',
    }
    const env = { ...Object.fromEntries(usual.split(' ').map((name) => [name, '1'])), ...ofService }
    expect(likelyMistakes(env)).toEqual([])
    expect(likelyMistakes(Object.fromEntries(variables.map(({ name }) => [name, '1'])))).toEqual([])
  })
})

describe('values that contradict each other', () => {
  test.each([
    [{ SOCKET_PING_MS: '60000' }, 'SOCKET_PONG_DEADLINE_MS must be more than SOCKET_PING_MS (60000), but'],
    [
      { SESSION_COOKIE_NAME: '__Host-chat', SESSION_COOKIE_PATH: '/chat/' },
      'SESSION_COOKIE_PATH must be / or unset for a SESSION_COOKIE_NAME that begins with __Host-, but is "/chat/"',
    ],
    [
      { BASE_PATH: '/chat', SESSION_COOKIE_PATH: '/talk/' },
      'SESSION_COOKIE_PATH must be unset or a path to BASE_PATH (/chat), or browsers never send the cookie, but is "/talk/"',
    ],
    [{ BASE_PATH: '/chat', SESSION_COOKIE_PATH: '/cha' }, 'SESSION_COOKIE_PATH must be unset or a path to'],
    [
      { PUBLIC_URL: 'http://chat.example.com', SESSION_COOKIE_SAMESITE: 'none' },
      'SESSION_COOKIE_SAMESITE=none needs HTTPS, because browsers refuse the cookie without, but PUBLIC_URL is "http://chat.example.com"',
    ],
    [
      { PUBLIC_URL: 'http://chat.example.com', SESSION_COOKIE_NAME: '__Host-chat' },
      'SESSION_COOKIE_NAME=__Host-chat needs HTTPS, ',
    ],
    [{ DRAIN_DELAY_MS: '10000' }, 'SHUTDOWN_DEADLINE_MS must be more than DRAIN_DELAY_MS (10000), but'],
    [{ REDIS_URL: 'redis://localhost' }, 'REDIS_URL needs DATABASE_URL'],
    [{ MAX_MESSAGE_LENGTH: '16000', MAX_BODY_BYTES: '64511' }, 'MAX_BODY_BYTES must be at least 64512 '],
    [{ MAX_BODY_BYTES: '1048576', SOCKET_BACKPRESSURE_BYTES: '1048575' }, 'SOCKET_BACKPRESSURE_BYTES must'],
  ])('%j', (env, start) => {
    expect(failure(env)).toStartWith(start)
    expect(failure(env)).not.toContain('\n')
  })

  test('values at the limit do not', () => {
    loadConfig({ SOCKET_PING_MS: '59999', MAX_MESSAGE_LENGTH: '16000', MAX_BODY_BYTES: '64512' })
    loadConfig({ MAX_BODY_BYTES: '65536', SOCKET_BACKPRESSURE_BYTES: '65536' })
    for (const path of ['/', '/team', '/team/', '/team/chat', '/team/chat/'])
      loadConfig({ BASE_PATH: '/team/chat', SESSION_COOKIE_PATH: path })
    // Without BASE_PATH, a proxy may tell the path.
    loadConfig({ SESSION_COOKIE_PATH: '/talk/' })
    for (const url of ['https://chat.example.com', 'http://localhost:8000', 'http://127.0.0.1:8000'])
      loadConfig({ PUBLIC_URL: url, SESSION_COOKIE_SAMESITE: 'none' })
  })
})

describe('documentation, which `bun src/config-docs.ts` rewrites', () => {
  const root = `${import.meta.dir}/..`

  test('.env.example is up to date, and has the defaults', async () => {
    const written = await Bun.file(`${root}/.env.example`).text()
    expect(written).toBe(envExample())
    const assignments = [...written.matchAll(/^# ([A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value]) => [
      name,
      value,
    ])
    expect(assignments.map(([name]) => name)).toEqual(variables.map(({ name }) => name))
    expect(loadConfig(Object.fromEntries(assignments))).toStrictEqual(defaults)
  })

  test('the page of settings is up to date', async () => {
    const page = await Bun.file(`${root}/src/config/README.md`).text()
    expect(page).toBe(settingsPage())
    for (const { name } of variables) expect(page.split(`\n| \`${name}\` |`)).toHaveLength(2)
  })
})

/** What else must be set for a variable to take its extreme values. */
const companions: Readonly<Record<string, Environment>> = {
  DRAIN_DELAY_MS: { SHUTDOWN_DEADLINE_MS: '1200000' },
  MAX_BODY_BYTES: { MAX_MESSAGE_LENGTH: '128' },
  REDIS_URL: { DATABASE_URL: 'postgres://db' },
  SOCKET_PING_MS: { SOCKET_PONG_DEADLINE_MS: '600001' },
  SOCKET_PONG_DEADLINE_MS: { SOCKET_PING_MS: '199' },
  TLS_CERT_FILE: { TLS_CERT_FILE: 'another.pem', TLS_KEY_FILE: 'key.pem' },
  TLS_KEY_FILE: { TLS_CERT_FILE: 'chain.pem', TLS_KEY_FILE: 'another.pem' },
}

/** Allowed and refused values of the variables whose rule is neither a range nor a choice, separated by ` | `. */
const texts: Readonly<Record<string, { readonly right: string; readonly wrong: string }>> = {
  DATA_DIR: { right: '/var/lib/parley | a folder/~', wrong: '~ | ~/data | a\nb' },
  DEFAULT_ROOM: { right: 'main | a room 2 | комната', wrong: `12 | . | .. | ${'a'.repeat(101)}` },
  TLS_CERT_FILE: { right: '/etc/tls/chain.pem', wrong: '~/chain.pem' },
  TLS_KEY_FILE: { right: '/etc/tls/key.pem', wrong: '~/key.pem' },
  HOST: {
    right: '0.0.0.0 | :: | localhost | chat_1.internal | 1.example',
    wrong: `a b | http://a | a:80 | [::1] | 256.1.1.1 | 10 | a..b | ${'a'.repeat(64)}`,
  },
  BASE_PATH: {
    right: '/ | /chat | /chat/ | /team_1/~chat-2',
    wrong:
      'chat | //chat | /chat// | /a//b | /../chat | /a.b | /a b | /%C3%A9 | /é | /chat?a | /chat#a | https://a.example/chat',
  },
  DATABASE_URL: {
    right:
      'postgres://db | postgresql://u:p%40%23@db:6432/parley?sslmode=require | postgres://[::1] | postgres://u:a,b@one:5432,two:5433/parley | postgres://one,[::1]:5433/parley?target_session_attrs=read-write | postgres://one/?sslmode=require&target_session_attrs=primary',
    wrong:
      'x | postgres: | postgres:// | postgres:///db | mysql://db | postgres://u:%@db | postgres://u:1#@db | postgres://db:65536 | postgres://one,two:65536/db | postgres://one,/db | postgres://one,two/db?target_session_attrs=any | postgres://one/db?target_session_attrs=standby',
  },
  REDIS_URL: {
    right:
      'redis://localhost | redis://:p%40@10.0.0.1:6380/3 | rediss://u:p@[::1]:6379 | redis+sentinel://a,b:26380/main | rediss+cluster://u:p@a:1,b',
    wrong:
      'x | redis: | redis:// | http://localhost | redis://a,b | redis://a/x | redis+sentinel://a | redis+cluster://a/1 | redis://u:%@a | redis://a:65536 | redis://a?b',
  },
  REDIS_PREFIX: { right: 'chat-2 | a:b | A.b_c', wrong: `a b | a/b | é | ${'a'.repeat(65)}` },
  ALLOWED_ORIGINS: {
    right: 'https://a.example | http://localhost:3000 | capacitor://localhost | https://[::1]:8443',
    wrong:
      '* | null | a.example | https://*.example | https://a.example/ | https://a.example/x | https://A.example | https://a.example:443 | https://u@a.example | wss://a.example | file:// | https://a.example https://b.example',
  },
  TRUSTED_PROXIES: {
    right: '10.0.0.1 | 10.0.0.0/8 | ::1 | fd00::/8',
    wrong: '10 | 010.0.0.1 | 10/8 | 10.0.0.0/33 | ::/129 | proxy.internal | 10.0.0.1:80 | *',
  },
  ATTACHMENTS_DIR: { right: '/srv/files', wrong: '~/files' },
  SYSTEM_MESSAGES: {
    right: 'joined | invited,removed | role,described',
    wrong: 'left | Joined | joined;removed | all',
  },
  ATTACHMENT_TYPES: {
    right: 'image/* | application/pdf,text/plain | image/svg+xml',
    wrong: '* | */* | image | Image/png | image/png;q=1',
  },
  ATTACHMENTS_S3_BUCKET: { right: 'chat-files', wrong: `a b | ${'a'.repeat(257)}` },
  ATTACHMENTS_S3_ENDPOINT: {
    right: 'https://s3.example.com | http://localhost:9000/base',
    wrong: 's3.example.com | ftp://a | https://a?b | https://',
  },
  ATTACHMENTS_S3_REGION: { right: 'eu-central-1', wrong: 'eu central' },
  ATTACHMENTS_S3_ACCESS_KEY_ID: { right: 'AKIA123', wrong: 'a b' },
  ATTACHMENTS_S3_SECRET_ACCESS_KEY: { right: 'abc/+=', wrong: 'a b' },
  ATTACHMENTS_S3_PREFIX: { right: 'parley/ | a-b/c.d_e', wrong: `a b | é | ${'a'.repeat(65)}` },
  SESSION_COOKIE_NAME: {
    right: 'sessionid | __Host-parley | a.b-c',
    wrong: `a b | a=b | a;b | é | ${'a'.repeat(65)}`,
  },
  SESSION_COOKIE_PATH: { right: '/ | /chat/ | /a%20b', wrong: 'chat | /a b | /a;b | /a\nb | /é' },
  PUBLIC_URL: {
    right: 'https://chat.example.com | http://localhost:8000 | https://[::1]:8443',
    wrong:
      'chat.example.com | https://chat.example.com/ | https://chat.example.com/chat | https://chat.example.com:443 | https://Chat.example.com | wss://chat.example.com | capacitor://localhost | https://u@chat.example.com',
  },
}

function right({ name, rule }: Variable<unknown>): readonly string[] {
  if (rule.kind === 'choice') return rule.choices
  if (rule.kind === 'integer') return [String(rule.min), String(rule.max)]
  return texts[name]?.right.split(' | ') ?? []
}

function wrong({ name, rule }: Variable<unknown>): readonly string[] {
  if (rule.kind === 'choice') return ['x', '1', ...rule.choices.map((choice) => choice.toUpperCase())]
  if (rule.kind !== 'integer') return texts[name]?.wrong.split(' | ') ?? []
  const outside = [rule.min - 1, rule.max + 1, -rule.max, 1e40].map((value) => BigInt(value).toString())
  return [
    ...outside,
    'x',
    'NaN',
    'Infinity',
    '1e3',
    '0x10',
    `${rule.min}.5`,
    `${rule.min}ms`,
    '1 000',
    '1_000',
    '+1',
    '-',
  ]
}

function failure(env: Environment): string {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error(`accepted ${JSON.stringify(env)}`)
}

/** Every setting by its path, as text. */
function leaves(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map([[path, String(value ?? '')]])
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, `${path}.${key}`)]))
}

/** The paths at which an object is not frozen. */
function thawed(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.entries(value).flatMap(([key, child]) => thawed(child, `${path}.${key}`))
  return Object.isFrozen(value) ? inner : [path, ...inner]
}
