import type { Connections } from '../../server/index.ts'

/** Clients that shall reconnect per millisecond. The delays are spread accordingly, between the two bounds below. */
const RECONNECTS_PER_MS = 1
const LEAST_SPREAD_MS = 1000
const MOST_SPREAD_MS = 60_000
/** 1012, service restart: reconnect to another node, or a little later. */
const CLOSE_SERVICE_RESTART = 1012

/** Closes every connection. If the contract can express it, each client is told its own delay before it reconnects. */
export function sendAway(connections: Connections, reason: string): void {
  const spread = Math.min(MOST_SPREAD_MS, Math.max(LEAST_SPREAD_MS, connections.size / RECONNECTS_PER_MS))
  for (const connection of [...connections.all()]) {
    connection.session.goingAway?.(Math.random() * spread)
    connection.close(CLOSE_SERVICE_RESTART, reason)
  }
}
