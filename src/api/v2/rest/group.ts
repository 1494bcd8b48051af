import { Elysia } from 'elysia'

/** Returns an instance for the routes of one resource, under the contract's prefix. */
export function group(name: string) {
  return new Elysia({ name: `v2-${name}`, prefix: '/api/v2', detail: { tags: ['Parley v2'] } })
}
