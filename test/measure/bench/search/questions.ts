import type { SearchAsked } from '../../../../src/core/index.ts'
import { id } from '../../../core/fakes/values.ts'
import { numbers } from './corpus.ts'
import { type Corpus, EVERYWHERE, ORDINARY, OUTSIDER } from './database.ts'

export interface Asked {
  readonly user: number
  readonly asked: SearchAsked
}

export interface Kind {
  readonly name: string
  /** @param turn of which another question comes each time */
  readonly question: (turn: number) => Asked
}

const PLAIN: SearchAsked = {
  text: null,
  room: null,
  sender: null,
  files: false,
  from: null,
  until: null,
  below: null,
  limit: 20,
}

/** Kinds of questions, each with questions of its own that are the same at each run. */
export function kindsOf({ bodies }: Corpus): Kind[] {
  const random = numbers(7)
  const among = (list: readonly string[]) => (turn: number) => list[turn % list.length] ?? ''
  const samples = (count: number, part: (body: string) => string | null): string[] => {
    const found: string[] = []
    while (found.length < count) {
      const text = part(bodies[Math.floor(random() * bodies.length)] ?? '')
      if (text !== null) found.push(text)
    }
    return found
  }
  const piece = (pattern: RegExp) => (body: string) => {
    const all = body.match(pattern) ?? []
    return all[Math.floor(random() * all.length)] ?? null
  }
  const ask = (user: number, text: (turn: number) => string, more: Partial<SearchAsked> = {}) => {
    return (turn: number): Asked => ({ user, asked: { ...PLAIN, text: text(turn), ...more } })
  }
  const common = among([
    'the',
    'server',
    'meeting',
    'der',
    'und',
    'это',
    '的',
    '一个',
    '확인',
    '会議',
    '👍',
    'http',
  ])
  const words = among(samples(100, piece(/[a-zäöü]{7,12}/gi)))
  const parts = among(samples(100, piece(/[a-z]{4,5}(?=[a-z])/gi)))
  const letters = among(samples(100, piece(/[a-zäöü]{2}/gi)))
  const han = among(samples(100, piece(/[\u4e00-\u9fff]{2}/g)))
  const hangul = among(samples(100, piece(/[\uac00-\ud7af]{2}/g)))
  const kana = among(samples(100, piece(/[\u3040-\u30ff\u4e00-\u9fff]{3}/g)))
  const character = among(samples(100, piece(/[\u4e00-\u9fff]/g)))
  const phrases = among(samples(100, piece(/[a-z]{3,} [a-z]{3,}/g)).map((text) => `"${text}"`))
  const several = among(samples(100, piece(/[a-z]{3,} [a-z]{3,} [a-z]{3,}/g)))
  const codes = among(samples(100, piece(/[A-Za-z_]{4,}\(|example\.com\/[a-z]+\/\d+/g)))
  const absent = among(['zzqqzz', 'thexander', '鑰匙龘', 'serverlunchqq'])
  return [
    { name: 'common words', question: ask(EVERYWHERE, common) },
    { name: 'words', question: ask(EVERYWHERE, words) },
    { name: 'parts of words', question: ask(EVERYWHERE, parts) },
    { name: 'two letters', question: ask(EVERYWHERE, letters) },
    { name: 'two characters of Chinese', question: ask(EVERYWHERE, han) },
    { name: 'one character of Chinese', question: ask(EVERYWHERE, character) },
    { name: 'three characters of Japanese', question: ask(EVERYWHERE, kana) },
    { name: 'two syllables of Korean', question: ask(EVERYWHERE, hangul) },
    { name: 'phrases', question: ask(EVERYWHERE, phrases) },
    { name: 'three words', question: ask(EVERYWHERE, several) },
    { name: 'code and URLs', question: ask(EVERYWHERE, codes) },
    { name: 'what nobody said', question: ask(EVERYWHERE, absent) },
    { name: 'common words in a small room', question: ask(EVERYWHERE, common, { room: id(900) }) },
    { name: 'words of a sender', question: ask(EVERYWHERE, common, { sender: id(77) }) },
    { name: 'words, for a member of 40 rooms', question: ask(ORDINARY, words) },
    { name: 'common words, for an outsider', question: ask(OUTSIDER, common) },
  ]
}

/** Pieces of messages of two to eight characters, for which all that contain them are to be found. */
export function termsOf({ bodies }: Corpus, count: number): string[] {
  const random = numbers(11)
  const terms = new Set<string>()
  while (terms.size < count) {
    const points = Array.from((bodies[Math.floor(random() * bodies.length)] ?? '').toLowerCase())
    const start = Math.floor(random() * points.length)
    const term = points.slice(start, start + 2 + Math.floor(random() * 7)).join('')
    // White space divides words, and quotes begin phrases.
    if (Array.from(term).length >= 2 && !/[\s"\u200d]|\p{M}/u.test(term)) terms.add(term)
  }
  return [...terms]
}
