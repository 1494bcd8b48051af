import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { startEmbedded } from '../../src/store/embedded/index.ts'
import { openSandbox } from './sandbox/sandbox.ts'

/** Makes a data folder with an empty embedded database, as its first start leaves it. Copied: a first start takes seconds of a processor. */
export async function makeEmbeddedFolder(dataDir: string): Promise<void> {
  template ??= makeTemplate()
  await cp(await template, dataDir, { recursive: true })
}

async function makeTemplate(): Promise<string> {
  // Goes with the test run.
  const sandbox = await openSandbox('embedded')
  const dataDir = join(sandbox.folder, 'data')
  const onCrash = (error: Error) => {
    throw error
  }
  const database = await startEmbedded({ dataDir, onCrash })
  await database.close()
  return dataDir
}

// Held by the module, as the shared Postgres is, since what shares it is exactly this process.
let template: Promise<string> | undefined
