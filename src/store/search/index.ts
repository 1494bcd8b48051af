/*
 * The search in messages: what is found by which grams, and what is still to be indexed.
 */
export { createSearchIndex } from './search-index.ts'
