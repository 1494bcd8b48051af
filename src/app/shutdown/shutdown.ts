import type { Cluster } from '../../cluster/index.ts'
import type { Core } from '../../core/index.ts'
import type { Connections, createListener, HealthState } from '../../server/index.ts'
import type { OpenIdentities } from '../start/index.ts'
import { sendAway } from './send-away.ts'

export interface Running {
  readonly health: HealthState
  readonly listener: ReturnType<typeof createListener>
  /** End the periodic jobs. */
  readonly stops: readonly (() => void)[]
  readonly core: Core
  readonly connections: Connections
  readonly identity: OpenIdentities
  readonly cluster: Cluster
  readonly database: { close(): Promise<void> }
}

/** Turns of the event loop in which connections are accepted before the port closes. */
const TURNS = 3
/** Milliseconds that requests under way have to get their answers when the server stops. */
const LAST_ANSWERS_MS = 2000
/** Milliseconds that requests which have waited longer have to get an error. */
const REFUSALS_MS = 500

/**
 * Stops the server in order. `/readyz` says so at once, and everything is served until load balancers have noticed. Then new connections
 * are refused, requests under way get their answers, sends under way are settled, sockets are closed, and the database is left.
 * @param drainMs milliseconds for load balancers to notice
 */
export async function shutDown(running: Running, drainMs: number): Promise<void> {
  const { health, listener, stops, core, connections, identity, cluster, database } = running
  health.draining = true
  if (drainMs > 0) await Bun.sleep(drainMs)
  for (const stop of stops) stop()
  // A connection that waits to be accepted when the port closes is reset, and nginx repeats no POST: accept all that came first.
  for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
  listener.pause()
  // First, so that requests under way may still send.
  await listener.answered(LAST_ANSWERS_MS)
  await core.closeSends()
  sendAway(connections, 'the server restarts')
  await listener.answered(REFUSALS_MS)
  await listener.stop()
  identity.stop()
  await core.guests.close()
  await core.presence.close()
  core.signals.flush()
  await cluster.close()
  await database.close()
}
