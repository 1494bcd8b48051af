import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBucket, openFolder, openTemporary } from '../../src/files/index.ts'
import { contentsContract } from '../ports/contents.ts'
import { startFakeS3 } from '../support/fake-s3.ts'

const folders: string[] = []
const newFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-contents-'))
  folders.push(folder)
  return folder
}
const s3 = startFakeS3()
afterAll(async () => {
  await s3.stop()
  for (const folder of folders) await rm(folder, { recursive: true })
})

describe('in a folder:', () => {
  contentsContract(async () => {
    const folder = await newFolder()
    const temporary = openTemporary(join(folder, 'tmp'))
    return {
      temporary,
      contents: await openFolder(folder, 'this', temporary),
      names: () => readdir(folder, { recursive: true }),
    }
  })

  test('what a folder of another installation has is not sampled, so it is not removed', async () => {
    const folder = await newFolder()
    const temporary = openTemporary(join(folder, 'tmp'))
    const mine = await openFolder(folder, 'mine', temporary)
    const path = await temporary.newPath()
    await Bun.write(path, 'x')
    await mine.put('00aa', path, null, 'text/plain')
    expect(mine.isForeign).toBeFalse()
    const foreign = await openFolder(folder, 'theirs', temporary)
    expect(foreign.isForeign).toBeTrue()
    expect(await foreign.sample(0)).toEqual([])
    expect(await mine.sample(0)).toEqual(['00aa'])
    expect((await openFolder(folder, 'mine', temporary)).isForeign).toBeFalse()
  })
})

describe('in a bucket:', () => {
  const open = async (prefix: string) => {
    const temporary = openTemporary(await newFolder())
    return {
      temporary,
      contents: openBucket({ ...s3.settings, prefix }, temporary),
      names: async () => s3.names(),
    }
  }
  contentsContract(() => open('one/'))

  test('while the server is away, everything is unavailable', async () => {
    const { contents } = await open('away/')
    s3.away = true
    try {
      const all = [
        contents.remove(['aa']),
        contents.sample(0),
        contents.tidy(0),
        contents.put('aa', import.meta.path, null, 'a/b'),
      ]
      const settled = await Promise.allSettled(all)
      for (const each of settled)
        expect(each).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable' } })
    } finally {
      s3.away = false
    }
  })

  test('another prefix has contents of its own', async () => {
    const [one, other] = [await open('p/'), await open('q/')]
    await one.contents.put('aa', import.meta.path, null, 'text/plain')
    expect([await one.contents.sample(0), await other.contents.sample(0)]).toEqual([['aa'], []])
  })
})
