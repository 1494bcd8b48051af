import { beforeAll, describe, expect, test } from 'bun:test'
import type { Contents, Showing, StoredContent } from '../../src/core/index.ts'
import type { Temporary } from '../../src/files/index.ts'
import { present } from '../core/fakes/values.ts'

export interface ContentsUnderTest {
  readonly contents: Contents
  readonly temporary: Temporary
  /** The names of all files or objects, those on their way included. */
  names(): Promise<readonly string[]>
}

const SHOWING: Showing = { type: 'image/png', disposition: 'inline; filename="a b.png"', seconds: 60 }

/** What `Contents` promises. */
export function contentsContract(make: () => Promise<ContentsUnderTest>): void {
  let rig: ContentsUnderTest
  let made = 0
  beforeAll(async () => {
    rig = await make()
  })

  const newKey = () => `${(++made).toString(16).padStart(2, '0')}${crypto.randomUUID().replaceAll('-', '')}`

  async function file(text: string): Promise<string> {
    const path = await rig.temporary.newPath()
    await Bun.write(path, text)
    return path
  }

  async function put(text: string, thumbnail: string | null = null): Promise<string> {
    const key = newKey()
    const paths = [await file(text), thumbnail === null ? null : await file(thumbnail)] as const
    await rig.contents.put(key, paths[0], paths[1], 'image/png')
    await rig.temporary.discard(paths.filter((path) => path !== null))
    return key
  }

  async function read(found: StoredContent | null): Promise<string | null> {
    if (found === null) return null
    return found.at === 'here' ? found.content.text() : (await fetch(found.url)).text()
  }

  const textOf = async (key: string, variant: 'original' | 'thumbnail' = 'original') =>
    read(await rig.contents.find(key, variant, SHOWING))

  /** Everything that `sample` returns in the course of many calls. */
  async function sampled(ageMs: number): Promise<Set<string>> {
    const keys = new Set<string>()
    for (let call = 0; call < 260; call++) for (const key of await rig.contents.sample(ageMs)) keys.add(key)
    return keys
  }

  describe('contents', () => {
    test('are found as they were stored, each under its key, and nothing under another', async () => {
      const [one, other] = [await put('one', 'small'), await put('other')]
      expect([await textOf(one), await textOf(one, 'thumbnail')]).toEqual(['one', 'small'])
      expect([await textOf(other), await textOf(other, 'thumbnail')]).toEqual(['other', null])
      expect(await textOf(newKey())).toBeNull()
    })

    test('are removed with all that belongs to them, again and again', async () => {
      const [gone, kept] = [await put('gone', 'small'), await put('kept')]
      await rig.contents.remove([gone, newKey()])
      await rig.contents.remove([gone])
      expect([await textOf(gone), await textOf(gone, 'thumbnail'), await textOf(kept)]).toEqual([
        null,
        null,
        'kept',
      ])
      expect((await rig.names()).filter((name) => name.includes(gone))).toEqual([])
    })

    test('are sampled once they are old, every one of them after some calls', async () => {
      const keys = await Promise.all([put('a', 'small'), put('b'), put('c')])
      const all = await sampled(0)
      for (const key of keys) expect(all).toContain(key)
      expect(await sampled(3_600_000)).toEqual(new Set())
    })

    test('are served elsewhere only under a seal, for some time, as they are to be shown', async () => {
      const found = present(await rig.contents.find(await put('words'), 'original', SHOWING))
      if (found.at === 'here') return
      const { headers } = await fetch(found.url)
      expect([headers.get('content-type'), headers.get('content-disposition')]).toEqual([
        SHOWING.type,
        SHOWING.disposition,
      ])
      for (const url of [found.url.split('?')[0] ?? '', found.url.replace('image', 'text')])
        expect((await fetch(url)).status).toBe(403)
    })

    test('that clients upload are read once, and no more of them than is allowed', async () => {
      const { incoming } = rig.contents
      if (incoming === null) return
      const key = newKey()
      expect(await incoming.fetch(key, 100)).toBeNull()
      await fetch(incoming.url(key, 60), { method: 'PUT', body: 'uploaded' })
      const fetched = present(await incoming.fetch(key, 8))
      expect([fetched.size, await Bun.file(fetched.path).text()]).toEqual([8, 'uploaded'])
      await rig.temporary.discard([fetched.path])
      await expect(incoming.fetch(key, 7)).rejects.toMatchObject({ kind: 'too_large' })
      // Nothing is served from there.
      expect(await textOf(key)).toBeNull()
      await incoming.remove(key)
      expect(await incoming.fetch(key, 100)).toBeNull()
      await fetch(incoming.url(key, 60), { method: 'PUT', body: 'left behind' })
      await rig.contents.tidy(3_600_000)
      expect(await incoming.fetch(key, 100)).toMatchObject({ size: 11 })
      await rig.contents.tidy(0)
      expect(await incoming.fetch(key, 100)).toBeNull()
    })

    test('of uploads that were cut are tidied away once they are old', async () => {
      const path = await file('cut')
      await rig.contents.tidy(3_600_000)
      expect(await Bun.file(path).exists()).toBeTrue()
      await rig.contents.tidy(0)
      expect(await Bun.file(path).exists()).toBeFalse()
    })
  })
}
