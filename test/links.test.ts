// Every link of the pages leads somewhere: to a file of this repository and, if it names one, to a heading in it.
import { describe, expect, test } from 'bun:test'
import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { type Page, readPages } from './support/pages.ts'

const ROOT = join(import.meta.dir, '..')
/** Returns the links that lead nowhere. Links to other hosts are not followed. */
async function brokenLinks({ path, text }: Page): Promise<string[]> {
  const prose = text.replaceAll(/```.*?```/gs, '')
  const broken: string[] = []
  for (const [, link = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(link)) continue
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? join(ROOT, path) : join(ROOT, dirname(path), file)
    if (!existsSync(target) || relative(ROOT, target).startsWith('..')) broken.push(`${path}: ${link}`)
    else if (anchor !== undefined && !(await headingsOf(target)).includes(anchor))
      broken.push(`${path}: ${link}`)
  }
  return broken
}

/** Returns the anchors of a page's headings, as code hosts make them. */
async function headingsOf(target: string): Promise<string[]> {
  if (!target.endsWith('.md') || statSync(target).isDirectory()) return []
  const text = await Bun.file(target).text()
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('the pages', () => {
  test('have no broken link', async () => {
    const pages = await readPages()
    expect(pages.length).toBeGreaterThan(10)
    expect((await Promise.all(pages.map(brokenLinks))).flat()).toEqual([])
  })

  test('keep the README at 8 kB or less', async () => {
    expect((await Bun.file(join(ROOT, 'README.md')).bytes()).length).toBeLessThanOrEqual(8192)
  })
})

describe('the check of links', () => {
  test('finds a missing file and a missing heading, and ignores code and other hosts', async () => {
    const text =
      '[a](missing.md) [b](README.md#two-commands) [c](README.md#nothing) [d](https://example.com/x)\n```\n[e](gone.md)\n```'
    expect(await brokenLinks({ path: 'page.md', text })).toEqual([
      'page.md: missing.md',
      'page.md: README.md#nothing',
    ])
  })
})
