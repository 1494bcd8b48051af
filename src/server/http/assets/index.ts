/*
 * Files that are the same for everyone: made once, compressed once, kept.
 */
export { keptBytes } from './kept-bytes.ts'
export { once } from './once.ts'
