import { Worker } from 'node:worker_threads'
import type { Ready, WorkerOptions, WorkerReport } from './messages.ts'
import { reasonOf } from './reason.ts'

/** The thread that runs `worker.ts`. */
export interface DatabaseThread {
  /** Resolves when the socket accepts connections; never if the thread ends before. */
  readonly ready: Promise<Ready>
  /** Resolves when the thread has ended, to the cause; to null if it was asked to end. Never rejects. */
  readonly ended: Promise<Error | null>
  /** Asks the thread to end. */
  close(): void
}

export function startThread(options: WorkerOptions): DatabaseThread {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: options })
  const ready = Promise.withResolvers<Ready>()
  const ended = Promise.withResolvers<Error | null>()
  let reason: string | undefined
  worker.on('message', (report: WorkerReport) => {
    if (report.type === 'ready') ready.resolve(report)
    else reason = report.reason
  })
  worker.on('error', (error) => {
    reason ??= reasonOf(error)
  })
  worker.on('exit', (code) => {
    ended.resolve(code === 0 ? null : new Error(reason ?? `its thread ended with code ${code}`))
  })
  return { ready: ready.promise, ended: ended.promise, close: () => worker.postMessage('close') }
}
