import { type Static, Type } from '@sinclair/typebox'

/** Batches that are committed at a steady pace. */
export const CommitsPlan = Type.Object({
  /** Of a database that has the plain table. */
  databaseUrl: Type.String(),
  connections: Type.Integer({ minimum: 1 }),
  /** Of a batch. */
  rows: Type.Integer({ minimum: 1 }),
  /** Over which a batch is spread. */
  rooms: Type.Integer({ minimum: 1 }),
  /** Batches, over all connections together. */
  perSecond: Type.Number({ exclusiveMinimum: 0 }),
  warmUpMs: Type.Number(),
  measureMs: Type.Number(),
})
export type CommitsPlan = Static<typeof CommitsPlan>
