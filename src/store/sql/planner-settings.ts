import type { PendingQuery, Row, Sql } from 'postgres'

/*
 * What keeps a statement's plan the same whatever the planner believes of the tables. Statistics are missing after an
 * import, and stale for a room that grew since they were taken; a plan that suits what they say can then cost seconds.
 *
 * Besides `firstRows`, a subquery with `limit 1` looks a row up by its key, joined laterally or as a value. The limit keeps it
 * from being merged into what is around it, where the planner might read and hash the whole other table instead; within
 * `exists` it would not.
 */

/**
 * The first rows in the order of an index, read in that order.
 *
 * The inner limit is one whose value the planner does not see: it then reckons with a tenth of the rows, and so prefers the
 * index to reading all of them and sorting, however few it takes them for. The outer one keeps it from taking them for
 * many: what costs a lot by its reckoning is compiled first, which takes longer than all the rest.
 *
 * @param rows a select without order and limit
 * @param order column names of the rows
 */
export function firstRows(sql: Sql, rows: Part, order: Part, limit: number) {
  return sql`select * from (${rows} order by ${order} limit (select ${limit}::bigint)) page
    order by ${order} limit ${sql.unsafe(String(roundedUp(limit)))}`
}

/**
 * Those of the first rows of messages whose texts fit a page together, and at least one. Each row tells as `more` whether there
 * is another after it, on this page or not.
 *
 * @param rows the first rows, as above
 * @param order as above
 */
export function fittingRows(sql: Sql, rows: Part, order: Part, text: number) {
  return sql`select * from (
      select page.*, lead(seq) over by_order is not null as more, sum(length(body)) over by_order - length(body) as text_before
      from (${rows}) page window by_order as (order by ${order})
    ) page where text_before < ${text}`
}

export type Part = PendingQuery<Row[]>

/** Few values, so that there are few statements to prepare. */
function roundedUp(limit: number): number {
  return 4 ** Math.ceil(Math.log2(Math.max(limit, 64)) / 2)
}
