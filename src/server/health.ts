import { Elysia } from 'elysia'
import type { Chat } from '../core/index.ts'

export interface HealthState {
  /** Set once the process has begun to stop: load balancers then send nobody here any more. */
  draining: boolean
}

/** `/healthz`: the process lives. `/readyz`: it can serve, its database answers. */
export function healthRoutes(chat: Chat, state: HealthState) {
  return new Elysia({ name: 'health', detail: { tags: ['health'] } })
    .get('/healthz', () => ({ status: 'ok' }), {
      detail: { summary: 'Whether the process lives', security: [] },
    })
    .get(
      '/readyz',
      async ({ set }) => {
        const reason = state.draining ? 'stopping' : await databaseProblem(chat)
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

async function databaseProblem(chat: Chat): Promise<string | null> {
  try {
    await chat.ping()
    return null
  } catch {
    return 'database'
  }
}
