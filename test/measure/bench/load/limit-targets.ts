import { join } from 'node:path'
import { startParley } from '../../../support/parley-process.ts'
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
