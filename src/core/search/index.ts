/*
 * The search in messages: what they are found by, the index of it, and pages of hits.
 */
export type { ExcerptPart } from './excerpt.ts'
export { createIndexer, type Indexer, type IndexerOptions, noteWrites } from './indexer.ts'
export { MAX_QUERY } from './query.ts'
export { createSearch, type Hit, type Hits, type SearchAsked } from './search.ts'
