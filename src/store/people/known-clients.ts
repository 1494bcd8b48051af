import type { Sql } from 'postgres'
import type { KnownClientRegister } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { toArray } from '../sql/index.ts'

/** Clients remembered for an account; beyond that the one seen longest ago is removed. */
const KEPT = 20

export function createKnownClients(sql: Sql, guard: Guard): KnownClientRegister {
  const hexes = (hashes: readonly Uint8Array[]) => toArray(hashes.map((hash) => hash.toHex()))
  const clients = (hashes: readonly Uint8Array[]) => sql`
    (select decode(hex, 'hex') as client from unnest(${hexes(hashes)}::text::text[]) hex)`

  return {
    knownClients(account, hashes) {
      return guard(async () => {
        const rows = await sql<{ client: Buffer }[]>`
          select k.client from users u
          join known_clients k on k.user_id = u.id and k.client in ${clients(hashes)}
          where u.username_key = ${account}`
        return rows.map(({ client }) => client)
      })
    },

    addKnownClients(user, hashes) {
      return guard(async () => {
        await sql`
          insert into known_clients (user_id, client) select distinct ${user}::bigint, client from ${clients(hashes)} c order by client
          on conflict (user_id, client) do update set seen_at = excluded.seen_at`
        await sql`
          delete from known_clients where user_id = ${user} and client in (
            select client from known_clients where user_id = ${user} order by seen_at desc, client offset ${KEPT})`
      })
    },

    forgetKnownClients(user) {
      return guard(async () => void (await sql`delete from known_clients where user_id = ${user}`))
    },
  }
}
