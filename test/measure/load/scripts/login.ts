/*
 * All users sign in at once, each first with a wrong password. Hashing a password is slow on purpose, so the server may refuse for a
 * while (503, with the time to wait). In the end all are signed in. Another user chats meanwhile.
 *
 * k6 wants a script's options, metrics and data at the top of its module.
 */
import { check, sleep } from 'k6'
import exec from 'k6/execution'
import { Counter, Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { bodyOf } from '../body.ts'
import { requests } from '../contracts/index.ts'
import type { Account, LoginRules } from '../plan.ts'
import { type Answer, ask } from './ask.ts'
import { readPlan } from './plan-file.ts'

export { handleSummary } from './summary.ts'

/** The contracts' sign-ins: their paths and the shapes of their responses. */
const doors = [
  { path: '/api/auth/login', right: 200, wrong: 401 },
  { path: '/api-token-auth/', right: 200, wrong: 400 },
  { path: '/api/v2/tokens', right: 201, wrong: 401 },
] as const
const PATIENCE_TRIES = 100

const { items: accounts, rules } = readPlan<Account, LoginRules>()
const { bystander, seconds, thresholds } = rules

const signedIn = new Counter('signed_in')
const shed = new Counter('shed')
/** From the first attempt until the client has its token. */
const signInMs = new Trend('sign_in_ms', true)
const bystanderMs = new Trend('bystander_ms', true)

export const options: Options = {
  scenarios: {
    storm: {
      executor: 'per-vu-iterations',
      exec: 'signIn',
      vus: accounts.length,
      iterations: 1,
      maxDuration: `${4 * seconds}s`,
    },
    bystander: {
      executor: 'constant-arrival-rate',
      exec: 'chat',
      rate: 5,
      duration: `${seconds}s`,
      preAllocatedVUs: 10,
    },
  },
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'],
  thresholds,
}

export function signIn(): void {
  const index = exec.scenario.iterationInTest
  const account = accounts[index]
  const door = doors[index % doors.length]
  if (account === undefined || door === undefined) throw new Error(`there is no account ${index}`)

  const wrong = knock(account, door.path, `not ${account.password}`)
  check(wrong, { 'a wrong password is refused': ({ status }) => status === door.wrong })
  const from = Date.now()
  const right = knock(account, door.path, account.password)
  const isIn = check(right, {
    'the right password signs in': ({ status }) => status === door.right,
    'there is a token': ({ body }) => /"token": ?"[0-9a-f]{40}"/.test(body),
  })
  if (!isIn) return
  signInMs.add(Date.now() - from)
  signedIn.add(1)
}

export function chat(): void {
  const { contract, url, ...place } = bystander
  const ordinal = exec.scenario.iterationInTest + 1
  const said = bodyOf({ sender: String(place.user.id), ordinal, at: Date.now() })
  const sent = ask(url, requests[contract].send(place, said, `bystander-${ordinal}`), 'bystander')
  bystanderMs.add(sent.ms)
  check(sent, { 'others go on to chat': ({ status }) => status === 200 || status === 201 })
}

/** Retries as often as the server asks for it. */
function knock({ url, username }: Account, path: string, password: string): Answer {
  const headers = { 'content-type': 'application/json' }
  const asked = { method: 'POST', path, headers, body: JSON.stringify({ username, password }) } as const
  let answer = ask(url, asked, 'sign in')
  for (let tries = 1; answer.status === 503 && tries < PATIENCE_TRIES; tries++) {
    shed.add(1)
    check(answer, {
      'who is refused is told when to come back': ({ retryAfterSeconds }) => Number(retryAfterSeconds) > 0,
    })
    // Jitter, so that not all clients retry at the same moment.
    sleep((answer.retryAfterSeconds ?? 1) * (1 + Math.random()))
    answer = ask(url, asked, 'sign in')
  }
  return answer
}
