import { ChatError, DamagedData } from './errors.ts'

/** Questions per statement. */
const BATCH_LIMIT = 500
/** Statements of one kind under way at once: one that is stuck does not hold up all the others. */
const AT_ONCE = 2
/** Questions that may wait; each comes of a request that is itself limited. */
const WAITING_LIMIT = 100_000

/** Limits a statement by what its answers may hold, besides the number of its questions. */
export interface Weights<Question> {
  /** The most weight of a statement's questions together. One that weighs more is asked by itself. */
  readonly most: number
  readonly of: (question: Question) => number
}

/**
 * Asks many questions in one statement: those that are put within one turn of the event loop, and those that gather while statements
 * are under way. A question is asked of the store after it was put, never answered from what was read before: whatever had been
 * acknowledged by then is in the answer.
 *
 * @param ask answers in the order of the questions
 * @param weights without it, all questions weigh nothing
 * @returns puts one question. @throws ChatError `overloaded` where too many wait, and what `ask` throws
 */
export function batchLookUps<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
  weights?: Weights<Question>,
): (question: Question) => Promise<Answer> {
  let waiting: Waiting<Question, Answer>[] = []
  /** The index of the first question that no statement has taken yet. */
  let first = 0
  /** Statements under way, and one that begins at the end of this turn. */
  let running = 0
  let isDue = false

  function begin(): void {
    if (isDue || running >= AT_ONCE) return
    isDue = true
    running++
    setImmediate(() => void run())
  }

  async function run(): Promise<void> {
    isDue = false
    while (waiting.length > first) await lookUp(takeBatch())
    running--
  }

  function takeBatch(): readonly Waiting<Question, Answer>[] {
    const from = first
    let weight = 0
    for (; first < waiting.length && first - from < BATCH_LIMIT; first++) {
      const next = waiting[first]
      if (weights === undefined || next === undefined) continue
      weight += weights.of(next.question)
      if (weight > weights.most && first > from) break
    }
    const batch = waiting.slice(from, first)
    // Dropped once they are the larger part, so that each is moved once at most.
    if (first * 2 >= waiting.length) {
      waiting = waiting.slice(first)
      first = 0
    }
    return batch
  }

  /** Never rejects. */
  async function lookUp(batch: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await ask(batch.map(({ question }) => question))
      if (answers.length !== batch.length)
        throw new Error('a batched look-up returned another number of results than requested')
      for (const [i, one] of answers.entries()) batch[i]?.resolve(one)
    } catch (error) {
      const isOwn = !(error instanceof ChatError) || error instanceof DamagedData
      if (isOwn && batch.length > 1) {
        // The fault is in some of the questions: the others are answered.
        const half = batch.length >> 1
        await lookUp(batch.slice(0, half))
        await lookUp(batch.slice(half))
        return
      }
      for (const { reject } of batch) reject(error)
      if (isOwn) return
      // Callers that waited while the database was away would wait as long again, batch after batch.
      const rest = waiting.slice(first)
      waiting = []
      first = 0
      for (const { reject } of rest) reject(error)
    }
  }

  return (question) => {
    if (waiting.length - first >= WAITING_LIMIT) {
      const full = new ChatError('overloaded', 'Too many requests are waiting, try again', {
        retryAfterMs: 1000,
      })
      return Promise.reject(full)
    }
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    waiting.push({ question, resolve, reject })
    begin()
    return promise
  }
}

interface Waiting<Question, Answer> {
  readonly question: Question
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}
