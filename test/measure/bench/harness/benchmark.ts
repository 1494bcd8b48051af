export interface RunOptions {
  /** How often what is measured and what it is held against take turns. */
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
  /** Of the turns' values. */
  readonly unit: string
  /** How the two values of a round are held against each other. */
  readonly by: 'ratio' | 'difference'
  /** What the median should be; null where nobody has set it. */
  readonly target: Target | null
  /** What the seconds of CPU are per million of. */
  readonly counted: string
  /** What the first and the second list are, in a word or two. */
  readonly sides: readonly [string, string]
  readonly parley: readonly Turn[]
  /** The unavoidable, or whatever else Parley is held against. */
  readonly limit: readonly Turn[]
  /** How delays are spread on both sides, over all rounds. */
  readonly histogram?: Histogram
  /** Lines that the report ends with, on what these figures do not say. */
  readonly closing?: readonly string[]
}

export type Target =
  | { readonly least: number }
  | {
      readonly most: number
      /** What no single round may exceed. */
      readonly worst?: number
    }

export interface Histogram {
  /** Upper ends of the buckets, in milliseconds, ascending. One more bucket holds what takes longer. */
  readonly upTo: readonly number[]
  readonly parley: readonly number[]
  readonly limit: readonly number[]
}

export interface Turn {
  readonly value: number
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
  const [first = [], second = []] = await takeTurns(rounds, [parley, limit])
  return { parley: first, limit: second }
}

/** The same with any number of sides. Returns the turns of each side. */
export async function takeTurns(rounds: number, sides: readonly (() => Promise<Turn>)[]): Promise<Turn[][]> {
  const turns = sides.map((): Turn[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, take] of sides.entries()) turns[index]?.push(await take())
  }
  return turns
}
