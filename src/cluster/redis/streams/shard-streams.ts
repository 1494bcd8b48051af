import { BLOCK_MS, type RedisClient, type Shard, streamKey } from '../connection/index.ts'
import { BEFORE, PAYLOAD, TAG } from './shard-head.ts'

/** The most entries per shard that one command reads. */
const COUNT = 50

/** Reads the entries after each position, in order. @param block whether to wait for entries, for up to `BLOCK_MS` */
export async function readStreams(
  client: RedisClient,
  space: string,
  positions: readonly StreamPosition[],
  block: boolean,
  take: (position: StreamPosition, entry: ReadEntry) => void,
): Promise<void> {
  const keys = positions.map(({ shard, epoch }) => streamKey(space, shard, epoch))
  const ids = positions.map(({ last }) => `${last}-0`)
  const streams = block
    ? await client.xread('COUNT', COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', ...keys, ...ids)
    : await client.xread('COUNT', COUNT, 'STREAMS', ...keys, ...ids)
  for (const [key, entries] of streams ?? []) {
    const position = positions[keys.indexOf(key)]
    if (position === undefined) continue
    for (const [id, fields] of entries) take(position, entryOf(id, fields))
  }
}

function entryOf(id: string, fields: readonly string[]): ReadEntry {
  const values = new Map<string, string>()
  for (let i = 0; i + 1 < fields.length; i += 2) values.set(fields[i] ?? '', fields[i + 1] ?? '')
  return {
    n: Number.parseInt(id, 10),
    tag: values.get(TAG) ?? '',
    before: values.get(BEFORE) ?? '',
    payload: values.get(PAYLOAD) ?? '',
  }
}

/** A reader's position in a shard. */
export interface StreamPosition {
  readonly shard: Shard
  readonly epoch: string
  /** The number and the tag of the last entry that was read. */
  last: number
  tag: string
  /** The position when the last check found more to read; null if it found nothing. */
  stuckAt: number | null
}

export interface ReadEntry {
  readonly n: number
  readonly tag: string
  /** The tag of the preceding entry. */
  readonly before: string
  readonly payload: string
}
