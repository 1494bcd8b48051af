import type { Sql } from 'postgres'

/** The SQLSTATE that statements fail with: a fault of their own, as a fault in this program would be. */
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
 * Makes every statement that touches the tables fail by itself, whatever it asks for; the database stays well. Views stand in
 * for the tables, and the tables refuse what is written to them.
 * @returns what mends them
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
