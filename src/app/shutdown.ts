import type { Cluster } from '../cluster/index.ts'
import type { Chat } from '../core/index.ts'
import type { Connections, createListener, HealthState } from '../server/index.ts'
import { sendAway } from './send-away.ts'

export interface Running {
  readonly health: HealthState
  readonly listener: ReturnType<typeof createListener>
  /** What runs now and then, and must not any more. */
  readonly stops: readonly (() => void)[]
  readonly chat: Chat
  readonly connections: Connections
  readonly cluster: Cluster
  readonly database: { close(): Promise<void> }
}

/** How long requests under way may take to get their answers when the server stops. */
const LAST_ANSWERS_MS = 2000

/** Ends it all in order: no new connections, sends under way are settled, sockets closed, the database left. */
export async function shutDown(running: Running): Promise<void> {
  const { health, listener, stops, chat, connections, cluster, database } = running
  health.draining = true
  for (const stop of stops) stop()
  listener.pause()
  await chat.closeSends()
  sendAway(connections, 'the server restarts')
  await listener.answered(LAST_ANSWERS_MS)
  await listener.stop()
  await chat.presence.close()
  await cluster.close()
  await database.close()
}
