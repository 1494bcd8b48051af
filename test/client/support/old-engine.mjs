// Makes this Node an engine of ES2022 without a WebSocket: preloaded with --import, before the library.
// Node's own modules use what they have: those that it loads late are loaded now.
import 'ws'

await fetch('data:,')

const newer = [
  [globalThis, ['WebSocket']],
  [Array, ['fromAsync']],
  [Array.prototype, ['findLast', 'findLastIndex', 'toReversed', 'toSorted', 'toSpliced', 'with']],
  [Map, ['groupBy']],
  [Map.prototype, ['getOrInsert', 'getOrInsertComputed']],
  [Object, ['groupBy']],
  [Promise, ['withResolvers', 'try']],
  // Not String.prototype.toWellFormed, which Node's fetch calls; the type check knows it.
  [Math, ['sumPrecise']],
  [
    Set.prototype,
    [
      'difference',
      'intersection',
      'isDisjointFrom',
      'isSubsetOf',
      'isSupersetOf',
      'symmetricDifference',
      'union',
    ],
  ],
  [
    Object.getPrototypeOf(Uint8Array.prototype),
    ['findLast', 'findLastIndex', 'toReversed', 'toSorted', 'with'],
  ],
  [Uint8Array, ['fromBase64', 'fromHex']],
]
for (const [owner, names] of newer) for (const name of names) delete owner[name]
