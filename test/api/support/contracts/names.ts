/** Valid names of rooms, including all that a path, a query or a database could misinterpret. */
export const acceptedNames: readonly string[] = [
  ...'with spaces  and  more| around |a/b|/|a//b|a/../b|a\\b|members/|all|-1|1.5|1e3|0x1|1 2'.split('|'),
  ...'%|100%|%2F|a%2Fb|%00|%ff|%2e%2e|%252F|+|a+b|a&b=c|a?b#c|a;b:c@d|~!*()|a..b|...|..a|.a'.split('|'),
  ...`"double" 'single' \`back\`|<script>alert(1)</script>|{room}|:room|*|null|__proto__|constructor`.split(
    '|',
  ),
  ...'🎉|👩‍👩‍👧‍👦 family|שלום עולם|مرحبا|é|日本語|१२३|１２３|ß|SS'.split('|'),
  ...['e\u0301', 'tab\t', 'می\u200cخواهم', 'क्\u200dष', '❤️‍🔥', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '1️⃣'],
  ...['x'.repeat(100), '😀'.repeat(100), `${'é'.repeat(99)}/`],
]

/** Returns a name as it is stored and shown. */
export function shownName(name: string): string {
  return name.trim().normalize('NFC')
}

/** Invalid names: only digits, relative paths, more than 100 characters, invisible ones, and values that are not text. */
export const refusedNames: readonly string[] = [
  ...['1', '0', '007', '1234567890', '9'.repeat(100), '.', '..'],
  ...['x'.repeat(101), '😀'.repeat(101), `${'x'.repeat(100)}é`],
  ...['a\0b', '\0', 'a\ud800', '\udc00'],
  ...[
    '\u202Eoverride',
    'line\nbreak',
    '\u0085',
    '\u200B',
    'a\uFEFFb',
    'a\u2028b',
    '\x7f',
    '\u3164',
    'lob\u200dby',
  ],
]
