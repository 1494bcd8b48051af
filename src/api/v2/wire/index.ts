/*
 * The wire of v2 as TypeBox schemas. Validation, the types of the server and of the client library, and the OpenAPI and AsyncAPI
 * documents all come from here.
 *
 * Imports only TypeBox, so that the client library can import its types from here. JSON throughout; ids and
 * numbers are integers up to 2^53-1, times are ISO 8601 in UTC with milliseconds. Readers of frames and bodies ignore unknown
 * fields and types, because new ones may be added within this version.
 */
export * from './attachments.ts'
export * from './batches.ts'
export * from './bodies.ts'
export * from './common.ts'
export * from './errors.ts'
export * from './events.ts'
export * from './frames.ts'
export * from './memberships.ts'
export * from './message-bodies.ts'
export type { Metadata } from './metadata.ts'
export * from './moderation.ts'
export * from './moderation-requests.ts'
export * from './pages.ts'
export * from './pins.ts'
export * from './private.ts'
export * from './private-requests.ts'
export * from './reaction-requests.ts'
export * from './requests.ts'
export * from './rest.ts'
export * from './results.ts'
export * from './rules.ts'
export * from './signals.ts'
export * from './streams.ts'
export * from './threads.ts'
