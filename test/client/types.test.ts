import { expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dir, '../..')

test('the types hold in a page, where there is a DOM and no Bun', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-types-'))
  try {
    const page = `
      import { createClient, type RoomSnapshot, webStorage } from '${ROOT}/src/client/index.ts'
      const client = createClient({ url: '', token: '', storage: webStorage(localStorage), WebSocket, fetch, network: window })
      const snapshot: RoomSnapshot = client.room(7).getSnapshot()
      export const body: string | undefined = snapshot.messages[0]?.body
    `
    const config = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: { lib: ['ESNext', 'DOM'], types: [] },
      include: [join(folder, 'page.ts')],
    }
    await Bun.write(join(folder, 'page.ts'), page)
    await Bun.write(join(folder, 'tsconfig.json'), JSON.stringify(config))
    expect(await compile(folder)).toBe('')
    await Bun.write(join(folder, 'page.ts'), `${page}\nconst wrong: number = client.status`)
    expect(await compile(folder)).toContain("Type 'string' is not assignable to type 'number'")
  } finally {
    await rm(folder, { recursive: true })
  }
})

async function compile(folder: string): Promise<string> {
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  const { stdout, exited } = Bun.spawn([process.execPath, tsc, '-p', folder], {
    cwd: ROOT,
    stdout: 'pipe',
    stderr: 'ignore',
  })
  await exited
  return (await stdout.text()).trim()
}
