/*
 * A made-up corpus of chat messages, the same at each run: English, German, Chinese, Japanese, Korean, Russian, emoji, code and URLs.
 * Words follow Zipf's law: a few are in most messages, and most are rare, as in what people write.
 */

export interface Said {
  readonly language: Language
  readonly body: string
}

export type Language = (typeof LANGUAGES)[number]['name']

/** Returns a source of numbers from 0 up to 1 (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Returns a source of messages. */
export function speaker(seed: number): () => Said {
  const random = numbers(seed)
  return () => {
    const language = picked(random())
    return { language: language.name, body: language.say(random) }
  }
}

/** @param place from 0 up to 1 */
function picked(place: number): (typeof LANGUAGES)[number] {
  let below = 0
  for (const language of LANGUAGES) {
    below += language.share
    if (place < below) return language
  }
  return LANGUAGES[0]
}

type Random = () => number

/** Returns a rank below `count`: rank 0 most often. */
function zipf(random: Random, count: number): number {
  return Math.min(count - 1, Math.floor(count ** random() - 1))
}

function pick<T>(random: Random, from: readonly T[]): T {
  const one = from[Math.floor(random() * from.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

const TAIL = 20_000

/** Words: first the given ones, then made-up ones of the given syllables. */
function word(random: Random, common: readonly string[], syllables: readonly string[]): string {
  const rank = zipf(random, TAIL)
  const known = common[rank]
  if (known !== undefined) return known
  let [text, rest] = ['', rank]
  do {
    text += syllables[rest % syllables.length]
    rest = Math.floor(rest / syllables.length)
  } while (rest > 0)
  return text
}

function sentence(
  random: Random,
  least: number,
  most: number,
  next: (random: Random, place: number) => string,
): string {
  const length = least + Math.floor(random() * random() * (most - least))
  return Array.from({ length }, (_, place) => next(random, place)).join(' ')
}

const ENGLISH =
  'the to and of a in is it you that i for on with be this have at we not are but can was my do if so or just what your will they about get all no like when there out up one how from which go think time know good make see then work need some want could now really back look after well also use would people thing new going should here more deploy server review meeting tomorrow release customer please thanks great problem fixed build test branch morning lunch coffee weekend party start article report budget'.split(
    ' ',
  )
const GERMAN =
  'der die das und ich nicht ist wir zu du es ein mit in auf für den im was wie hast noch auch von morgen schon mal aber bitte über können müssen größer schön Straße Grüße heißt weiß Änderung Überprüfung Prüfung läuft fertig Besprechung danke gern heute Büro Rechnung Kunde Termin Fußball Geschäftsführung Donaudampfschifffahrt'.split(
    ' ',
  )
const RUSSIAN =
  'и в не на я что он с это как мы по но они к у вы за так же от бы сегодня завтра встреча сервер спасибо пожалуйста готово проблема'.split(
    ' ',
  )
const LATIN =
  'ba con de er fi gra hol in jo ka lem mon nar op pres qui ra ster tion ur vel wick xen yor zed'.split(' ')
const UMLAUT =
  'ber chen dörf eis für ge heit ig jä keit lich mög nung öl pfle rück schaft täg ung voll zwö'.split(' ')
const CYRILLIC = 'ба во ге де жи за ки ло ми но пра ро ста тру ус фи ход ция чен шая'.split(' ')

const HAN =
  '的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家十用发天如然作方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从今回很己最但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次使身者被高已亲其进此话常与活正感会开明天项目测试服务器部署问题谢谢'
const KANA = 'のにはをたがでてとしれさあいもりなうくよらるっきんすかまつこそどせおえめやじだわ'
const KATAKANA = 'サーバテストレビューデプロイミーティングリリースコーヒー'.match(/../g) ?? []
const KANJI =
  '今日明日会議仕事問題確認修正変更時間東京大阪電車電話来週予定資料送信開発環境完了了解感謝'.match(/../g) ??
  []
const HANGUL =
  '오늘 내일 회의 서버 배포 확인 문제 수정 감사합니다 안녕하세요 점심 커피 주말 일정 자료 테스트 프로젝트 고객 요청 완료 진행 부탁드립니다 지금 다시 그리고 그래서 정말 좋아요 네'.split(
    ' ',
  )
const EMOJI = ['👍', '😀', '🎉', '❤️', '🚀', '😂', '🙏', '👀', '✅', '🔥', '👩‍💻', '🇩🇪', '☕', '🐛']
const PATHS = ['issues', 'pull', 'wiki', 'docs', 'blog', 'api/v2', 'search?q=', 'releases/tag']
const NAMES = [
  'getUser',
  'parse_config',
  'HttpServer',
  'onMessage',
  'retryCount',
  'i',
  'tmp',
  'await_all',
  'MAX_SIZE',
]

const mixedCase = (random: Random, text: string) =>
  random() < 0.15 ? text.charAt(0).toUpperCase() + text.slice(1) : random() < 0.02 ? text.toUpperCase() : text

/** A character of three thousand: first the common ones, which everybody uses, then those behind them. */
function han(random: Random): string {
  const rank = zipf(random, 3000)
  return HAN[rank] ?? String.fromCodePoint(0x4e00 + ((rank * 7) % 20_000))
}

function run(random: Random, least: number, most: number, next: (random: Random) => string): string {
  return Array.from({ length: least + Math.floor(random() * (most - least)) }, () => next(random)).join('')
}

const english = (random: Random) =>
  sentence(random, 2, 30, (each) => mixedCase(each, word(each, ENGLISH, LATIN)))

const LANGUAGES = [
  { name: 'english', share: 0.4, say: english },
  {
    name: 'german',
    share: 0.14,
    say: (random: Random) => sentence(random, 2, 24, (each) => mixedCase(each, word(each, GERMAN, UMLAUT))),
  },
  {
    name: 'chinese',
    share: 0.12,
    say: (random: Random) =>
      run(random, 1, 5, (each) => run(each, 2, 12, han) + pick(each, ['，', '。', '！', ''])),
  },
  {
    name: 'japanese',
    share: 0.1,
    say: (random: Random) =>
      run(random, 2, 7, (each) =>
        each() < 0.4
          ? pick(each, KANJI)
          : each() < 0.25
            ? run(each, 1, 4, (other) => pick(other, KATAKANA))
            : run(each, 2, 6, (other) => pick(other, [...KANA])),
      ),
  },
  {
    name: 'korean',
    share: 0.1,
    say: (random: Random) =>
      sentence(random, 1, 12, (each) =>
        each() < 0.6
          ? pick(each, HANGUL)
          : run(each, 2, 4, (other) => String.fromCodePoint(0xac00 + zipf(other, 2000) * 5)),
      ),
  },
  {
    name: 'russian',
    share: 0.03,
    say: (random: Random) =>
      sentence(random, 2, 20, (each) => mixedCase(each, word(each, RUSSIAN, CYRILLIC))),
  },
  {
    name: 'emoji',
    share: 0.05,
    say: (random: Random) =>
      `${random() < 0.5 ? english(random) : ''} ${run(random, 1, 4, (each) => pick(each, EMOJI))}`,
  },
  {
    name: 'code',
    share: 0.03,
    say: (random: Random) =>
      `\`\`\`\nconst ${pick(random, NAMES)} = ${pick(random, NAMES)}(${word(random, ENGLISH, LATIN)}.${pick(random, NAMES)}, ${Math.floor(random() * 10_000)})\n\`\`\``,
  },
  {
    name: 'url',
    share: 0.03,
    say: (random: Random) =>
      `https://${word(random, ENGLISH, LATIN)}.example.com/${pick(random, PATHS)}/${Math.floor(random() * 100_000)}#${word(random, ENGLISH, LATIN)}`,
  },
] as const satisfies readonly { name: string; share: number; say: (random: Random) => string }[]
