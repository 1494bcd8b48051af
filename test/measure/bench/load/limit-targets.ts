import { join } from 'node:path'
import { MAX_BATCH } from '../../../../src/api/v2/wire/index.ts'
import { startParley } from '../../../support/parley-process.ts'
import type { PostgresServer } from '../../../support/postgres-server.ts'
import type { Watched } from '../harness/usage.ts'
import type { Target } from './drive.ts'
import { content, mark } from './setup.ts'
import { messageFrame as v2MessageFrame } from './v2-frames.ts'
import { V2_MESSAGES } from './v2-wire.ts'
import { messageFrame, PLAIN } from './wire.ts'

/** Message frames through a server that only publishes: its clients send what Parley would have made of their messages. */
export interface LimitTargets {
  readonly v1: Target
  readonly v2: Target
}

export async function limitTargets(clients: number): Promise<LimitTargets> {
  const server = await startParley({}, join(import.meta.dir, '../limits/bare-publish.ts'))
  const processes: Watched[] = [{ name: 'server', pid: server.pid, memory: true }]
  const each = (frameOf: (index: number) => string) =>
    Array.from({ length: clients }, (_, index) => ({
      url: server.wsUrl,
      frame: frameOf(index),
      mark: mark(index),
    }))
  return {
    v1: {
      clients: each((index) => messageFrame(String(index + 1), content(mark(index)))),
      wire: PLAIN,
      processes,
    },
    v2: { clients: each((index) => v2MessageFrame(1, content(mark(index)))), wire: V2_MESSAGES, processes },
  }
}

/** The same through a server that stores them first, and publishes those of a batch in one frame. */
export async function durableLimit(clients: number, postgres: PostgresServer): Promise<Target> {
  const env = { DATABASE_URL: await postgres.createDatabase() }
  const server = await startParley(env, join(import.meta.dir, '../limits/bare-durable.ts'))
  return {
    clients: Array.from({ length: clients }, (_, index) => ({
      url: server.wsUrl,
      frame: v2MessageFrame(1, content(mark(index))),
      mark: mark(index),
    })),
    wire: { ...V2_MESSAGES, parts: 'array', mostParts: MAX_BATCH },
    processes: [
      { name: 'server', pid: server.pid, memory: true },
      { name: 'Postgres', pid: postgres.pid, memory: false },
    ],
  }
}
