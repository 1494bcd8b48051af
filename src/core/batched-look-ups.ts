import { ChatError } from './errors.ts'

/** Asked of the store in one statement. */
const BATCH_LIMIT = 500
/** Statements of one kind under way at once: one that is stuck does not hold up all the others. */
const AT_ONCE = 2
/** Questions that may wait; each comes of a request that is itself limited. */
const WAITING_LIMIT = 100_000

/**
 * Asks many questions in one statement: while statements are under way the next questions gather. A question is asked of the
 * store after it was put, never answered from what was read before: whatever had been acknowledged by then is in the answer.
 *
 * @param ask answers in the order of the questions
 * @returns puts one question. @throws ChatError `overloaded` where too many wait, and what `ask` throws
 */
export function batchLookUps<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): (question: Question) => Promise<Answer> {
  let waiting: Waiting<Question, Answer>[] = []
  let running = 0

  async function run(): Promise<void> {
    running++
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_LIMIT)
      waiting = waiting.slice(BATCH_LIMIT)
      await lookUp(batch)
    }
    running--
  }

  /** Never rejects. */
  async function lookUp(batch: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await ask(batch.map(({ question }) => question))
      if (answers.length !== batch.length)
        throw new Error('a batched look-up returned another number of results than requested')
      for (const [i, one] of answers.entries()) batch[i]?.resolve(one)
    } catch (error) {
      for (const { reject } of batch) reject(error)
      if (!(error instanceof ChatError)) return
      // Callers that waited while the database was away would wait as long again, batch after batch.
      const rest = waiting
      waiting = []
      for (const { reject } of rest) reject(error)
    }
  }

  return (question) => {
    if (waiting.length >= WAITING_LIMIT) {
      const full = new ChatError('overloaded', 'Too many requests are waiting, try again', {
        retryAfterMs: 1000,
      })
      return Promise.reject(full)
    }
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    waiting.push({ question, resolve, reject })
    if (running < AT_ONCE) void run()
    return promise
  }
}

interface Waiting<Question, Answer> {
  readonly question: Question
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}
