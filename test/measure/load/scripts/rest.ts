/*
 * Clients send by request and read the history, again and again. What they sent is in it, once, as soon as the request has succeeded.
 *
 * k6 wants a script's options, metrics and data at the top of its module.
 */
import { check, sleep } from 'k6'
import exec from 'k6/execution'
import { Counter, Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { bodyOf } from '../body.ts'
import { requests } from '../contracts/index.ts'
import type { Reader, RestRules } from '../plan.ts'
import { ask } from './ask.ts'
import { readPlan } from './plan-file.ts'

export { handleSummary } from './summary.ts'

const { items: readers, rules } = readPlan<Reader, RestRules>()
const { seconds, pauseMs, thresholds } = rules

const stored = new Counter('stored')
const sendMs = new Trend('send_ms', true)
const historyMs = new Trend('history_ms', true)

export const options: Options = {
  scenarios: { rest: { executor: 'constant-vus', vus: readers.length, duration: `${seconds}s` } },
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'],
  thresholds,
}

export default function sendAndRead(): void {
  const { contract, url, ...place } = readerOf(exec.vu.idInTest)
  const ordinal = exec.vu.iterationInInstance + 1
  const body = bodyOf({ sender: String(place.user.id), ordinal, at: Date.now() })
  const { send, history, bodies } = requests[contract]
  const tags = { kind: contract }

  const sent = ask(url, send(place, body, `rest-${ordinal}`), `${contract} send`)
  sendMs.add(sent.ms, tags)
  const stands = check(sent, { 'sending succeeds': ({ status }) => status === 200 || status === 201 }, tags)

  const read = ask(url, history(place), `${contract} history`)
  historyMs.add(read.ms, tags)
  const readable = check(read, { 'reading succeeds': ({ status }) => status === 200 }, tags)
  if (stands && readable) {
    const found = bodies(read.body).filter((other) => other === body).length
    check(found, { 'what was sent is in the history once': (times) => times === 1 }, tags)
    stored.add(1, tags)
  }
  sleep(pauseMs / 1000)
}

/** @param vu from 1 */
function readerOf(vu: number): Reader {
  const reader = readers[vu - 1]
  if (reader === undefined) throw new Error(`there is no reader ${vu}`)
  return reader
}
