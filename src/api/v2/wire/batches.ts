import { type Static, Type } from '@sinclair/typebox'
import { MAX_BATCH } from './common.ts'
import { ServerFrame } from './frames.ts'
import { ClientFrame } from './requests.ts'

/*
 * Several frames in one text frame, for connections that have asked for it. The order is the one in which they would have come one by
 * one.
 */

export const FrameBatch = Type.Array(ServerFrame, {
  minItems: 2,
  description:
    'Several frames of the server in one, to be handled in order. Sent only on connections that have asked for it; frames that are objects come there, too',
})
export type FrameBatch = Static<typeof FrameBatch>

export const RequestBatch = Type.Array(ClientFrame, {
  minItems: 1,
  maxItems: MAX_BATCH,
  description:
    'Several requests in one frame, begun in order, as if they had come one after the other without a pause. Each one is answered, or refused, by itself, and counts as a frame. Accepted only on connections that have asked for batches',
})
export type RequestBatch = Static<typeof RequestBatch>
