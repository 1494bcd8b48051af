import type { Sql } from 'postgres'

/** The SQLSTATE with which statements fail: their own fault, like a bug in this program. */
export const BROKEN = '22000'

/** Statements that make those on a table fail; see `breakTables`. */
export function breaking(table: string): string[] {
  return [
    `create or replace function test_broken() returns boolean stable language plpgsql as $$
    begin raise exception 'select of relation "rooms" failed' using errcode = '${BROKEN}'; end $$`,
    `create or replace function test_refused() returns trigger language plpgsql as $$
    begin perform test_broken(); return null; end $$`,
    `alter table ${table} rename to hidden_${table}`,
    `create trigger test_refused before insert or update or delete on hidden_${table}
      execute function test_refused()`,
    `create view ${table} as select * from hidden_${table} where test_broken()`,
  ]
}

/**
 * Makes every statement that uses the tables fail; the database itself works. Views replace the tables, and the tables refuse
 * writes.
 * @returns a function that repairs them
 */
export async function breakTables(sql: Sql, tables: readonly string[]): Promise<() => Promise<void>> {
  for (const table of tables) for (const statement of breaking(table)) await sql.unsafe(statement)
  return async () => {
    for (const table of tables) {
      await sql.unsafe(`
        drop view ${table};
        drop trigger test_refused on hidden_${table};
        alter table hidden_${table} rename to ${table}`)
    }
  }
}
