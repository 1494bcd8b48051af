import type { Connections } from '../server/index.ts'

/** Clients are told to come back spread over a time, so that the nodes get so many at once. */
const RETURNS_PER_MS = 1
const LEAST_SPREAD_MS = 1000
const MOST_SPREAD_MS = 60_000
/** 1012, service restart: come back, elsewhere or a little later. */
const CLOSE_COME_BACK = 1012

/** Closes every connection; each client that can be told is given a delay of its own to come back after. */
export function sendAway(connections: Connections, reason: string): void {
  const spread = Math.min(MOST_SPREAD_MS, Math.max(LEAST_SPREAD_MS, connections.size / RETURNS_PER_MS))
  for (const connection of [...connections.all()]) {
    connection.session.goingAway?.(Math.random() * spread)
    connection.close(CLOSE_COME_BACK, reason)
  }
}
