import { Elysia } from 'elysia'
import { ChatError } from '../../../core/index.ts'

/** Returns an instance for the routes of one resource, under the contract's prefix. */
export function group(name: string) {
  return new Elysia({
    name: `v2-${name}`,
    prefix: '/api/v2',
    detail: { tags: ['Parley v2'] },
  }).onTransform(expectObject)
}

/**
 * Before Elysia checks a body, it copies the fields that it knows, which makes an empty object of a list or a text.
 * @throws ChatError `invalid`
 */
export function expectObject({ body }: { readonly body: unknown }): void {
  if (body === undefined || (typeof body === 'object' && body !== null && !Array.isArray(body))) return
  throw new ChatError('invalid', 'The body must be an object')
}
