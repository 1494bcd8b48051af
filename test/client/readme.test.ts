import { expect, test } from 'bun:test'
import { join } from 'node:path'
import * as client from '../../src/client/index.ts'
import { stopReason } from '../../src/client/link/close-codes.ts'
import { readPages } from '../support/pages.ts'

const README = await Bun.file(join(import.meta.dir, '../../src/client/README.md')).text()

test('every example imports what there is, and can be read', () => {
  const blocks = [...README.matchAll(/```(tsx?)\n(.*?)```/gs)]
  expect(blocks.length).toBeGreaterThan(4)
  for (const [, loader, code = ''] of blocks) {
    new Bun.Transpiler({ loader: loader === 'tsx' ? 'tsx' : 'ts' }).transformSync(code)
    const names = code.match(/import \{ (.*) \} from 'parley\/client'/)?.[1]?.split(', ') ?? []
    expect(names.filter((name) => !(name in client))).toEqual([])
  }
})

test('no page tells to install the package that somebody else has published', async () => {
  const pages = await readPages()
  expect(pages.length).toBeGreaterThan(10)
  for (const { path, text } of pages) {
    expect([path, text.match(/\b(?:npm|pnpm|yarn|bun) (?:i|install|add)(?: -\S+)* parley\b/)]).toEqual([
      path,
      null,
    ])
  }
})

test('the table of close codes is the one that is held to', () => {
  const rows = [...README.matchAll(/^\| ([0-9, to]+) \| (.*) \|$/gm)]
  const told = (code: number) => rows.find(([, codes = '']) => covers(codes, code))?.[2] ?? 'it comes back'
  for (const code of [
    1000, 1001, 1002, 1003, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 4000, 4499, 4500, 4501, 4999,
  ]) {
    const reason = stopReason(code)
    expect([code, told(code).includes(reason === null ? 'comes back' : `\`${reason}\``)]).toEqual([
      code,
      true,
    ])
  }
})

function covers(codes: string, code: number): boolean {
  return codes.split(', ').some((part) => {
    const [first = 0, last = first] = part.split(' to ').map(Number)
    return first <= code && code <= last
  })
}
