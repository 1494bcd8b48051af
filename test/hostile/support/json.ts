import type { Random } from '../../e2e/random.ts'
import { anyText, hostileText, kindsOfText } from './texts.ts'

/** A value as JSON text: JSON.stringify itself would not survive some of them. */
export type JsonText = string

export const kindsOfJson = [
  'deep arrays',
  'deep objects',
  'deep and wide',
  'a wide array',
  'a wide array of arrays',
  'a wide object',
  'one key again and again',
  'the same id again and again',
  'many ids',
  'many texts',
  'many escapes',
  'an endless number',
  'a number of many digits',
  'spaces',
  'a prototype',
  'conversions',
] as const

/** @param bytes at most, more or less */
export function hostileJson(kind: string, bytes: number): JsonText {
  const times = (unit: string) => unit.repeat(Math.max(1, Math.floor((bytes - 20) / unit.length)))
  switch (kind) {
    case 'deep arrays':
      return nested('[', '1', ']', bytes >> 1)
    case 'deep objects':
      return nested('{"a":', '1', '}', Math.floor(bytes / 6))
    case 'deep and wide':
      return nested('[', `[${times('1,').slice(0, bytes >> 1)}1]`, ']', 60)
    case 'a wide array':
      return `[${times('1,')}1]`
    case 'a wide array of arrays':
      return `[${times('[],')}1]`
    case 'a wide object':
      return `{${Array.from({ length: Math.floor(bytes / 12) }, (_, n) => `"k${n}":1`).join()}}`
    case 'one key again and again':
      return `{${times('"a":1,')}"a":1}`
    case 'the same id again and again':
      return `[${times('7,')}7]`
    case 'many ids':
      return `[${Array.from({ length: Math.floor(bytes / 8) }, (_, n) => n + 1).join()}]`
    case 'many texts':
      return `[${times('"ab",')}"a"]`
    case 'many escapes':
      return `"${times('\\u0301\\u0323')}"`
    case 'an endless number':
      return `1e${'9'.repeat(Math.min(bytes, 5000))}`
    case 'a number of many digits':
      return times('9')
    case 'spaces':
      return `${times(' ')}1`
    case 'a prototype':
      return '{"__proto__":{"a":1},"constructor":{"prototype":1}}'
    default:
      return '{"toString":1,"valueOf":null,"toJSON":{},"length":1e9,"then":1}'
  }
}

export function anyJson(random: Random, mostBytes: number): JsonText {
  if (random.below(2) === 0) return JSON.stringify(anyText(random, mostBytes))
  const kind = kindsOfJson[random.below(kindsOfJson.length)] ?? 'spaces'
  const sizes = [40, 2000, 20_000, mostBytes]
  return hostileJson(kind, Math.min(mostBytes, sizes[random.below(sizes.length)] ?? 40))
}

/** One of each kind, as large as goes. */
export function everyJson(mostBytes: number): [kind: string, value: JsonText][] {
  // A character may take six bytes there.
  const texts = kindsOfText.map((kind): [string, JsonText] => {
    const text = JSON.stringify(hostileText(kind, mostBytes))
    return [
      kind,
      Buffer.byteLength(text) <= mostBytes ? text : JSON.stringify(hostileText(kind, mostBytes / 6)),
    ]
  })
  return [...texts, ...kindsOfJson.map((kind): [string, JsonText] => [kind, hostileJson(kind, mostBytes)])]
}

function nested(open: string, inside: string, close: string, depth: number): JsonText {
  return open.repeat(depth) + inside + close.repeat(depth)
}
