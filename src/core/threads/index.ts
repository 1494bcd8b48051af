/*
 * Threads: the replies to a message, who follows them, and how far they have read.
 */
export { createThreads, MOST_FOLLOWED, type ThreadsDeps } from './threads.ts'
