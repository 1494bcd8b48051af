import { Type } from '@sinclair/typebox'

/*
 * Parts of other schemas, which check nothing by themselves.
 */

/** What clients agree on among themselves. */
export type Metadata = Readonly<Record<string, unknown>>

const metadataShown = {
  description:
    'A JSON object that clients agree on; at most 4,096 bytes without white space, 8 levels, and 64 keys in each object, no numbers beyond ±(2^53 - 1). Comes back as it was sent',
  examples: [{ location: { lat: 52.52, lon: 13.4 } }],
}

/** Of any type, because cleaning an object would lose names such as `__proto__`. The core checks that it is an object. */
export const metadata = Type.Unsafe<Metadata>(
  Type.Unknown({ ...metadataShown, 'x-shown': { type: 'object' } }),
)

/** In a request that changes something: null removes it. */
export const newMetadata = Type.Unsafe<Metadata | null>(
  Type.Unknown({ ...metadataShown, 'x-shown': { anyOf: [{ type: 'object' }, { type: 'null' }] } }),
)
