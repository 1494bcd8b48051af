import type { Cluster } from '../../cluster/index.ts'
import type { Core } from '../../core/index.ts'
import type { Connections, createListener, HealthState } from '../../server/index.ts'
import type { OpenIdentities } from '../start/index.ts'
import { sendAway } from './send-away.ts'

export interface Running {
  readonly health: HealthState
  readonly listener: ReturnType<typeof createListener>
  /** Each stops one of the jobs. */
  readonly stops: readonly (() => void)[]
  readonly core: Core
  readonly connections: Connections
  readonly identity: OpenIdentities
  readonly cluster: Cluster
  readonly database: { close(): Promise<void> }
}

/** Turns of the event loop in which connections are still accepted before the port closes. */
const ACCEPTING_TURNS = 3
/** Milliseconds for requests under way to be answered when the server stops. */
const LAST_RESPONSES_MS = 2000
/** Milliseconds for the requests that are still under way after that to get an error, and for answers that last to end. */
const LAST_ERRORS_MS = 500

/**
 * Stops the server in order. `/readyz` turns to 503 at once, and everything is served until load balancers have noticed. Then new
 * connections are refused, requests under way are answered, sends under way are settled, sockets are closed, and the database is closed.
 * @param drainMs milliseconds for load balancers to notice
 */
export async function shutDown(running: Running, drainMs: number): Promise<void> {
  const { health, listener, stops, core, connections, identity, cluster, database } = running
  health.draining = true
  if (drainMs > 0) await Bun.sleep(drainMs)
  for (const stop of stops) stop()
  // When the port closes, connections that wait to be accepted are reset, and nginx does not retry a POST. So accept them first.
  for (let turn = 0; turn < ACCEPTING_TURNS; turn++)
    await new Promise<void>((resolve) => setImmediate(resolve))
  listener.pause()
  core.closeWaits()
  // Before sends are closed, because requests under way may still send.
  await listener.answered(LAST_RESPONSES_MS, 'held')
  await core.closeSends()
  sendAway(connections, 'the server restarts')
  await listener.answered(LAST_ERRORS_MS)
  await listener.stop()
  identity.stop()
  await core.guests.close()
  await core.presence.close()
  core.signals.flush()
  await cluster.close()
  await database.close()
}
