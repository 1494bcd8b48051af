import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { peakMemory } from '../api/across/support/process-memory.ts'
import { startParley } from '../support/parley-process.ts'
import { openSandbox } from '../support/sandbox/sandbox.ts'
import { createRoom, createUser, postMessage } from './v1-rest.ts'

/** What was said during the first start. */
export interface Made {
  readonly room: string
  readonly text: string
  /** The most memory that the server held until then, in bytes. */
  readonly peakBytes: number
}

/**
 * A data folder of its own with an embedded database in it, as the first start in an empty folder leaves it. That start
 * takes some seconds of a processor, so a test run makes it once: it must have served `/readyz` and ended in good order.
 */
export async function copyMadeFolder(to: string): Promise<Made> {
  made ??= makeFolder()
  const { dataDir, ...said } = await made
  await cp(dataDir, to, { recursive: true })
  return said
}

async function makeFolder(): Promise<Made & { readonly dataDir: string }> {
  // Goes with the test run.
  const sandbox = await openSandbox('made')
  const dataDir = join(sandbox.folder, 'not there/yet')
  const parley = await startParley({ DATA_DIR: dataDir })
  const { status } = await fetch(`${parley.url}/readyz`)
  if (status !== 200) throw new Error(`after the first start /readyz answered ${status}:\n${parley.output()}`)
  const room = await createRoom(parley, 'first')
  const text = 'still here'
  await postMessage(parley, { room, user: await createUser(parley, 'first') }, text)
  const peakBytes = await peakMemory(parley.pid)
  const code = await parley.stop()
  if (code !== 0) throw new Error(`the first start ended with ${code}:\n${parley.output()}`)
  await parley.remove()
  return { dataDir, room, text, peakBytes }
}

// Held by the module, as the shared Postgres is, since what shares it is exactly this process.
let made: Promise<Made & { readonly dataDir: string }> | undefined
