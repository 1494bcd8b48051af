// Asks two servers the same question, over and over, side by side. Ends with its standard input, and prints then how long each
// answer took, as JSON: [[startedAt, ms], …] of the one and of the other, in milliseconds since 1970.
import { stdin } from 'bun'

const [tested = '', control = ''] = process.argv.slice(2)
const EVERY_MS = 10
const GIVE_UP_MS = 20_000

let isOver = false
const stopped = (async () => {
  for await (const _ of stdin.stream());
  isOver = true
})()

async function ask(url: string): Promise<[number, number][]> {
  const answers: [number, number][] = []
  while (!isOver) {
    const startedAt = performance.timeOrigin + performance.now()
    const start = performance.now()
    let ok = false
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(GIVE_UP_MS) })
      await response.text()
      ok = response.status === 200
    } catch (error) {
      console.error(String(error))
    }
    answers.push([startedAt, ok ? performance.now() - start : GIVE_UP_MS])
    await Bun.sleep(EVERY_MS)
  }
  return answers
}

const answers = await Promise.all([ask(tested), ask(control)])
await stopped
console.log(JSON.stringify(answers))
