import { Elysia } from 'elysia'
import type { Core } from '../../core/index.ts'

export interface HealthState {
  /** Set when the process begins to stop, so that load balancers send no further requests. */
  draining: boolean
}

/** Milliseconds that the database may take to answer. Less than the patience of a program that asks for `/readyz`. */
const ANSWER_MS = 2000

/** Returns two routes. `/healthz`: the process lives. `/readyz`: it can serve, since its database answers. */
export function healthRoutes(core: Pick<Core, 'ping'>, state: HealthState) {
  const databaseProblem = probe(() => core.ping())
  return new Elysia({ name: 'health', detail: { tags: ['health'] } })
    .get('/healthz', () => ({ status: 'ok' }), {
      detail: { summary: 'Whether the process lives', security: [] },
    })
    .get(
      '/readyz',
      async ({ set }) => {
        const reason = state.draining ? 'stopping' : await databaseProblem()
        if (reason === null) return { status: 'ready' }
        set.status = 503
        set.headers['retry-after'] = '1'
        return { status: 'unavailable', reason }
      },
      {
        detail: {
          summary: 'Whether it can serve: its database answers and it is not stopping',
          security: [],
        },
      },
    )
}

/** Returns a function that asks the database. All callers at the same time share one question. */
function probe(ping: () => Promise<void>): () => Promise<string | null> {
  let asked: Promise<string | null> | null = null

  function ask(): Promise<string | null> {
    asked ??= ping()
      .then(
        () => null,
        () => 'database',
      )
      .finally(() => {
        asked = null
      })
    return asked
  }

  return async () => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('database'), ANSWER_MS)
    })
    return await Promise.race([ask(), late]).finally(() => clearTimeout(timer))
  }
}
