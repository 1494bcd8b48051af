import type { Sql } from 'postgres'
import type { EpochLedger } from '../core/index.ts'
import type { Guard } from './connection/index.ts'
import { beat, beginEpoch } from './functions/index.ts'
import { toArray } from './sql/index.ts'

/** The epoch of the history, and the nodes' beats in it. */
export function createEpochLedger(sql: Sql, guard: Guard): EpochLedger {
  return {
    beat(node, seen, next) {
      return guard(async () => {
        const { number, name, kept, server } = await beat.row(sql, { node, seen, next })
        return { epoch: { number, name }, kept, server }
      })
    },

    beats(nodes) {
      return guard(async () => {
        const rows = await sql<{ node: string; beat: number }[]>`
          select node, beat::float8 as beat from history_beats where node = any(${toArray(nodes)}::text::text[])`
        return new Map(rows.map((row) => [row.node, row.beat]))
      })
    },

    beginEpoch(from, next, node, seen, change) {
      const { room = null, seq = null, message = null } = change ?? {}
      return guard(() => beginEpoch.row(sql, { ...from, next, node, beat: seen, room, seq, message }))
    },
  }
}
