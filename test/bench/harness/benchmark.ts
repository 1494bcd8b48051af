export interface RunOptions {
  /** How often Parley and its limit take turns. */
  readonly rounds: number
  /** Seconds that each turn is measured for, after its warm-up. */
  readonly seconds: number
}

export interface Benchmark {
  readonly name: string
  /** One line: what is held against what. */
  readonly title: string
  run(options: RunOptions): Promise<Comparison[]>
}

/** Parley and its limit, turn by turn: what stands at the same place in both lists belongs together. */
export interface Comparison {
  readonly name: string
  /** What is counted. */
  readonly unit: string
  /** The least that the median ratio should be; null where nobody has set one. */
  readonly target: number | null
  readonly parley: readonly Turn[]
  readonly limit: readonly Turn[]
}

export interface Turn {
  readonly perSecond: number
  /** Seconds of CPU per million counted, by process. */
  readonly cpu: Readonly<Record<string, number>>
  /** Bytes of resident memory, by process. */
  readonly memory: Readonly<Record<string, number>>
  /** The share of the machine's CPU, from 0 to 1, that went to processes which have nothing to do with the benchmark. */
  readonly elsewhere: number
}

/** A B A B …, so that whatever else the machine does meets both alike. */
export async function alternate(
  rounds: number,
  parley: () => Promise<Turn>,
  limit: () => Promise<Turn>,
): Promise<Pick<Comparison, 'parley' | 'limit'>> {
  const turns = { parley: [] as Turn[], limit: [] as Turn[] }
  for (let round = 0; round < rounds; round++) {
    turns.parley.push(await parley())
    turns.limit.push(await limit())
  }
  return turns
}
