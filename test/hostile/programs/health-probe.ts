// Asks two servers the same question, over and over, side by side. Prints a line once both have answered, ends with its standard
// input, and prints then how long each answer took, as JSON: [[startedAt, ms], …] of the one and of the other, in milliseconds since 1970. Of the one, which is told
// with its process, only what its thread ran meanwhile counts: a busy machine keeps a busy server waiting longer than an idle one.

import { readFileSync } from 'node:fs'
import { stdin } from 'bun'

const [tested = '', pid = '', control = ''] = process.argv.slice(2)
const EVERY_MS = 10
const GIVE_UP_MS = 20_000

let isOver = false
const stopped = (async () => {
  for await (const _ of stdin.stream());
  isOver = true
})()

/** For how long the server's thread has run so far, in milliseconds; of Linux. */
function ranMs(): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
}

/** @param most gives what an answer took at most, as the difference of two calls */
async function ask(url: string, most: () => number): Promise<[number, number][]> {
  const answers: [number, number][] = []
  while (!isOver) {
    const startedAt = performance.timeOrigin + performance.now()
    const [start, before] = [performance.now(), most()]
    let ok = false
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(GIVE_UP_MS) })
      await response.text()
      ok = response.status === 200
    } catch (error) {
      console.error(String(error))
    }
    answers.push([startedAt, ok ? Math.min(performance.now() - start, most() - before) : GIVE_UP_MS])
    await Bun.sleep(EVERY_MS)
  }
  return answers
}

await Promise.all([fetch(tested), fetch(control)])
console.log('asking')
const answers = await Promise.all([ask(tested, ranMs), ask(control, () => performance.now())])
await stopped
console.log(JSON.stringify(answers))
