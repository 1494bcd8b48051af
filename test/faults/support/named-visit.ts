import { call } from '../../api/v2/rest/support/client.ts'
import { until } from '../../support/until.ts'
import type { Cluster } from './cluster.ts'
import { makeToken, type Person, type ServerUrls } from './people.ts'
import { Visit } from './visit.ts'

/** Opens a connection whose handshake has a credential. @param query `?token=…` or `?ticket=…` */
export async function openNamed(
  node: { readonly wsUrl: string },
  query: string,
): Promise<{ visit: Visit; expiresInMs: number }> {
  let expiresInMs: number | null = null
  const visit = new Visit(
    `${node.wsUrl}/api/v2/socket${query}`,
    {},
    {
      frame(frame) {
        if (frame.type === 'hello') expiresInMs = frame.identified?.expires_in_ms ?? null
      },
      ended: () => undefined,
    },
  )
  return { visit, expiresInMs: await until(() => expiresInMs, 'a greeting by name') }
}

/** A user who is connected to one node and can log out on another. */
export async function openSession(
  { sql }: Pick<Cluster, 'sql'>,
  node: { readonly wsUrl: string },
  person: Person,
) {
  const token = await makeToken(sql, person.id)
  const { visit } = await openNamed(node, `?token=${token}`)
  let loggedOutAt = 0
  return {
    async logOut(at: ServerUrls): Promise<void> {
      loggedOutAt = performance.now()
      const { status } = await call(at, { token }, 'DELETE', '/me/tokens/current')
      if (status !== 204) throw new Error(`logging out was answered with ${status}`)
    },

    /** Resolves once the connection has been closed as signed out. @returns milliseconds since the logout */
    async closed(withinMs: number): Promise<number> {
      await until(() => visit.code === 1008, 'the connection to be closed as signed out', withinMs)
      return performance.now() - loggedOutAt
    },
  }
}
