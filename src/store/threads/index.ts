/*
 * Threads: their replies in pages, who follows them, and how far they have read. The append writes them (../messages).
 */
export { createThreadLog } from './thread-log.ts'
