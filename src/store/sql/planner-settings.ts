import type { PendingQuery, Row, Sql } from 'postgres'

/*
 * Keeps a statement's plan the same whatever the planner's statistics say. Statistics are missing after an import, and stale for a
 * room that has grown since; a plan that suits them can take seconds.
 *
 * Besides `firstRows`, statements use subqueries with `limit 1` to look a row up by its key, joined laterally or as a value. The limit
 * keeps the planner from merging the subquery into the statement, where it might read and hash the whole other table. Within `exists`
 * the limit has no such effect.
 */

/**
 * Returns the first rows in the order of an index, read in that order.
 *
 * The planner cannot see the value of the inner limit. It then assumes a tenth of the rows, and prefers the index to reading and
 * sorting all of them, however few it expects. The outer limit keeps its estimate low: a statement with a high estimated cost is
 * compiled first (JIT), which takes longer than all the rest.
 *
 * @param rows a select without order and limit
 * @param order column names of the rows
 * @param limit the most rows
 * @param own how many rows are wanted, at most `limit`, as an SQL expression: for a statement that asks for different numbers of rows
 * at once
 */
export function firstRows(sql: Sql, rows: Part, order: Part, limit: number, own = sql`${limit}::bigint`) {
  return sql`select * from (${rows} order by ${order} limit (select ${own})) page
    order by ${order} limit ${sql.unsafe(String(roundedUp(limit)))}`
}

/**
 * Returns those of the first rows whose texts fit a page together, at least one. The column `more` of a row says whether
 * there is another row after it, on this page or not.
 *
 * @param rows the first rows, as above
 * @param order as above
 * @param length the length of a row's text; that of a message's if it is left out
 */
export function fittingRows(sql: Sql, rows: Part, order: Part, text: number, length: Part = bodyLength(sql)) {
  return sql`select * from (
      select page.*, lead(seq) over by_order is not null as more, sum(${length}) over by_order - ${length} as text_before
      from (${rows}) page window by_order as (order by ${order})
    ) page where text_before < ${text}`
}

/** The length of a message's text, its details included. */
export function bodyLength(sql: Sql): Part {
  return sql`(length(body) + coalesce(length(details::text), 0))`
}

export type Part = PendingQuery<Row[]>

/** Rounds up to a few values, so that few statements are prepared. */
function roundedUp(limit: number): number {
  return 4 ** Math.ceil(Math.log2(Math.max(limit, 64)) / 2)
}
