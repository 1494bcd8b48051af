/** Numbers that are the same for the same seed. */
export interface Random {
  /** An integer from 0 to `limit - 1`. */
  below(limit: number): number
}

/** The generator mulberry32: 32 bits of state, enough to choose moments and sizes. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    below(limit) {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
    },
  }
}

/** The seed given as `SEED` in the environment, else a new one. */
export function chooseSeed(): number {
  const given = process.env.SEED
  if (given === undefined) return Math.floor(Math.random() * 2 ** 32)
  if (!/^\d{1,10}$/.test(given)) throw new Error(`SEED must be a whole number, but is ${given}`)
  return Number(given)
}
