import { createSearch, type Limiter, type SearchAsked } from '../../../src/core/index.ts'
import { systemClock } from '../../../src/server/index.ts'
import { id } from '../../core/fakes/values.ts'
import type { Benchmark, Comparison, RunOptions, Turn } from './harness/benchmark.ts'
import { watch } from './harness/usage.ts'
import { compareAppends } from './search/append.ts'
import { type Corpus, EVERYWHERE, openCorpus } from './search/database.ts'
import { kindsOf, termsOf } from './search/questions.ts'

const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 1_000_000)
/** Searches of each kind, a round. */
const CALLS = 100
const TERMS = 60
/** The most messages that have a term, for it to be read to the end. */
const MOST_HITS = 5000
const TARGET = { most: 50 }
const RECALL = { least: 0.99 }

export const search: Benchmark = {
  name: 'search',
  title: `pages of the search among ${MESSAGES} messages (BENCH_MESSAGES), and what is found against what contains the words`,
  async run({ rounds, seconds }: RunOptions) {
    const corpus = await openCorpus(MESSAGES, console.error)
    const { indexedIn, bytes } = corpus
    const mb = (size: number) => `${Math.round(size / 2 ** 20)} MiB`
    const closing = [
      `Indexing took ${indexedIn.toFixed(0)} s, ${Math.round(MESSAGES / indexedIn)} messages a second.`,
      `The messages take ${mb(bytes.messages)} with their indexes, the search ${mb(bytes.docs)}, ${mb(bytes.keys)} of it the index of keys.`,
    ]
    const pages = await measurePages(corpus, rounds)
    const recall = { ...(await measureRecall(corpus)), closing }
    // At last: what it writes would be found by the others.
    const appends = await compareAppends(corpus.sql, corpus.store, Math.max(rounds, 5), seconds)
    return [...pages, ...appends, recall]
  },
}

function createSearches({ store }: Corpus) {
  const free = { waitMs: 0, limit: 1, left: 1, resetMs: 1 }
  const limiter: Limiter = { take: async () => free, giveBack: async () => undefined }
  return createSearch({ store, limiter, clock: systemClock })
}

async function measurePages(corpus: Corpus, rounds: number): Promise<Comparison[]> {
  const searches = createSearches(corpus)
  const comparisons: Comparison[] = []
  for (const { name, question } of kindsOf(corpus)) {
    const turns = { p50: [] as Turn[], p95: [] as Turn[] }
    let short = 0
    // The first round brings what is asked for into memory.
    for (let round = -1; round < rounds; round++) {
      const usage = watch([{ name: 'Postgres', pid: corpus.postgres.pid, memory: false }])
      const before = process.cpuUsage()
      const times: number[] = []
      for (let call = 0; call < CALLS; call++) {
        const { user, asked } = question(call)
        const from = performance.now()
        const { hits, below } = await searches.messages(id(user), asked)
        times.push(performance.now() - from)
        if (hits.length < asked.limit && below !== null) short++
      }
      const { user, system } = process.cpuUsage(before)
      const { elsewhere } = usage((user + system) / 1e6)
      if (round < 0) continue
      turns.p50.push({ value: quantile(times, 0.5), cpu: {}, memory: {}, elsewhere })
      turns.p95.push({ value: quantile(times, 0.95), cpu: {}, memory: {}, elsewhere })
    }
    if (short > 0) console.error(`${name}: ${short} short pages of ${CALLS * (rounds + 1)}`)
    for (const part of ['p50', 'p95'] as const) {
      const parley = turns[part]
      const limit = parley.map((turn): Turn => ({ ...turn, value: 0 }))
      const plain = { unit: 'ms', by: 'difference', counted: '', sides: ['search', 'nothing'] } as const
      comparisons.push({
        name: `${name}, ${part}`,
        target: part === 'p95' ? TARGET : null,
        ...plain,
        parley,
        limit,
      })
    }
  }
  return comparisons
}

/** Holds what is found for random pieces of messages against the messages that contain them, whatever their case. */
async function measureRecall(corpus: Corpus): Promise<Comparison> {
  const searches = createSearches(corpus)
  const folded = corpus.bodies.map((body) => body.toLowerCase())
  let [expected, found, extra] = [0, 0, 0]
  for (const term of termsOf(corpus, TERMS)) {
    const all = new Set<number>()
    for (const [index, body] of folded.entries()) if (body.includes(term)) all.add(index + 1)
    if (all.size > MOST_HITS) continue
    expected += all.size
    for (const message of await everyHit(searches, term)) {
      if (all.has(message)) found++
      else extra++
    }
  }
  const turn = (value: number): Turn => ({ value, cpu: {}, memory: {}, elsewhere: 0 })
  console.error(`${expected} messages contain the terms; ${found} of them were found, and ${extra} others`)
  return {
    name: 'found, of what contains the words',
    unit: 'messages',
    by: 'ratio',
    target: RECALL,
    counted: '',
    sides: ['found', 'LIKE'],
    parley: [turn(found)],
    limit: [turn(expected)],
  }
}

async function everyHit(searches: ReturnType<typeof createSearches>, text: string): Promise<Set<number>> {
  const found = new Set<number>()
  let below: SearchAsked['below'] = null
  do {
    const plain = { room: null, sender: null, files: false, from: null, until: null, limit: 100 }
    const page = await searches.messages(id(EVERYWHERE), { text, below, ...plain })
    for (const { message } of page.hits) found.add(message.id)
    below = page.below
  } while (below !== null)
  return found
}

function quantile(values: readonly number[], at: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * at) - 1] ?? Number.NaN
}
