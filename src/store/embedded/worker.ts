/*
 * The thread of the embedded database: Postgres in WebAssembly blocks while it works, so it may not share one with sockets.
 * Says `ready` or `failed` to its starter, ends on `close`. `process.exit` ends this thread only, even where the engine
 * would swallow an exception.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { onEngineFailure } from './engine-failure.ts'
import { createLastWords } from './last-words.ts'
import type { WorkerOptions, WorkerReport } from './messages.ts'
import { openDatabase } from './open-database.ts'

const { folder, socketPath }: WorkerOptions = workerData
const lastWords = createLastWords()

try {
  const database = await openDatabase(folder, lastWords.hear)
  onEngineFailure(database, fail)
  // One client with one connection; the second place is for its successor, should it connect again.
  const server = new PGLiteSocketServer({ db: database, path: socketPath, maxConnections: 2 })
  server.addEventListener('error', () => fail(new Error('its socket has failed')))
  await server.start()
  parentPort?.once('message', async () => {
    try {
      await server.stop()
      await database.close()
    } catch (error) {
      fail(error)
    }
    process.exit(0)
  })
  report({ type: 'ready' })
} catch (error) {
  fail(error)
}

function fail(error: unknown): never {
  report({
    type: 'failed',
    reason: lastWords.said() ?? (error instanceof Error ? error.message : String(error)),
  })
  process.exit(1)
}

function report(message: WorkerReport): void {
  parentPort?.postMessage(message)
}
