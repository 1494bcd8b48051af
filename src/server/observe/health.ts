import { Elysia, t } from 'elysia'
import type { Core } from '../../core/index.ts'

const Healthy = t.Object({ status: t.Literal('ok') }, { description: 'The process is alive' })
const Ready = t.Object({ status: t.Literal('ready') }, { description: 'The server can serve requests' })
const NotReady = t.Object(
  { status: t.Literal('unavailable'), reason: t.Union([t.Literal('stopping'), t.Literal('database')]) },
  { description: 'The server cannot serve requests now' },
)

export const healthDocs = {
  about: 'What load balancers and process managers ask.',
  schemas: { Healthy, Ready, NotReady },
}

export interface HealthState {
  /** Set when the process begins to stop, so that load balancers send no further requests. */
  draining: boolean
}

/** Milliseconds that the database may take to answer. Less than the patience of a program that asks for `/readyz`. */
const ANSWER_MS = 2000

/** Returns two routes. `/healthz`: the process lives. `/readyz`: it can serve, since its database answers. */
export function healthRoutes(core: Pick<Core, 'ping'>, state: HealthState) {
  const databaseProblem = probe(() => core.ping())
  return new Elysia({ name: 'health', detail: { tags: ['Health'] } })
    .get('/healthz', () => ({ status: 'ok' as const }), {
      response: { 200: Healthy },
      detail: { operationId: 'getHealth', summary: 'Check whether the process is alive', security: [] },
    })
    .get(
      '/readyz',
      async ({ set }) => {
        const reason = state.draining ? 'stopping' : await databaseProblem()
        if (reason === null) return { status: 'ready' as const }
        set.status = 503
        set.headers['retry-after'] = '1'
        return { status: 'unavailable' as const, reason }
      },
      {
        response: { 200: Ready, 503: NotReady },
        detail: {
          operationId: 'getReadiness',
          summary:
            'Check whether the server can serve requests: its database answers, and it is not stopping',
          security: [],
        },
      },
    )
}

type Reason = 'database'

/** Returns a function that asks the database. All callers at the same time share one question. */
function probe(ping: () => Promise<void>): () => Promise<Reason | null> {
  let asked: Promise<Reason | null> | null = null

  function ask(): Promise<Reason | null> {
    asked ??= ping()
      .then(
        () => null,
        () => 'database' as const,
      )
      .finally(() => {
        asked = null
      })
    return asked
  }

  return async () => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<Reason>((resolve) => {
      timer = setTimeout(() => resolve('database'), ANSWER_MS)
    })
    return await Promise.race([ask(), late]).finally(() => clearTimeout(timer))
  }
}
