/*
 * The thread of the embedded database: Postgres in WebAssembly blocks while it works, so it must not share a thread with sockets.
 * It reports `ready` or `failed` to its parent and ends on `close`. `process.exit` ends this thread only, even in places where the
 * engine would swallow an exception.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { onEngineFailure } from './engine-failure.ts'
import { createLastWords } from './last-words.ts'
import type { WorkerOptions, WorkerReport } from './messages.ts'
import { openDatabase } from './open-database.ts'
import { reasonOf } from './reason.ts'

const { folder, socketPath }: WorkerOptions = workerData
const lastWords = createLastWords()

try {
  const { database, recovered } = await openDatabase(folder, lastWords.hear)
  onEngineFailure(database, fail)
  // Connections share one session, so a setting of one would hold for all. Hence one at a time, each with a fresh session.
  const server = new PGLiteSocketServer({ db: database, path: socketPath, maxConnections: 1 })
  server.addEventListener('error', () => fail(new Error('its socket has failed')))
  server.addEventListener('connection', () => void beginSession(database).catch(fail))
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
  report({ type: 'ready', recovered })
} catch (error) {
  fail(error)
}

/** Resets the session. Runs before the new connection's first statement, since the engine runs one thing after the other. */
async function beginSession(database: PGlite): Promise<void> {
  await database.exec('rollback')
  await database.exec('discard all')
}

function fail(error: unknown): never {
  report({
    type: 'failed',
    reason: lastWords.said() ?? reasonOf(error),
  })
  process.exit(1)
}

function report(message: WorkerReport): void {
  parentPort?.postMessage(message)
}
