import type { Connections } from '../../server/index.ts'

/** Clients per millisecond that are told to come back; their delays are spread so, within two bounds. */
const RETURNS_PER_MS = 1
const LEAST_SPREAD_MS = 1000
const MOST_SPREAD_MS = 60_000
/** 1012, service restart: come back, to another node or a little later. */
const CLOSE_COME_BACK = 1012

/** Closes every connection. Clients whose contract can tell it get a delay of their own after which to come back. */
export function sendAway(connections: Connections, reason: string): void {
  const spread = Math.min(MOST_SPREAD_MS, Math.max(LEAST_SPREAD_MS, connections.size / RETURNS_PER_MS))
  for (const connection of [...connections.all()]) {
    connection.session.goingAway?.(Math.random() * spread)
    connection.close(CLOSE_COME_BACK, reason)
  }
}
