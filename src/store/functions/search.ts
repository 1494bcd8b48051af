import { declare } from './declare.ts'

/* The functions of the search in messages. */

/** Claims ranges of messages that may have to be indexed for the search. */
export const searchClaim = declare(
  'parley_search_claim',
  { limit: 'int', ids: 'bigint', seconds: 'int' },
  { queued: 'bigint[]', firsts: 'bigint[]', lasts: 'bigint[]' },
)

/** Adds messages to the search. See `drizzle/functions/parley_search_index.sql`. */
export const searchIndex = declare(
  'parley_search_index',
  { ids: 'bigint[]', versions: 'bigint?[]', grams: 'text[]', queued: 'bigint[]', open: 'bigint[]' },
  {},
)
