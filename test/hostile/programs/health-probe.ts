// Asks a server for its health, over and over. Prints a line once it has been answered, and when its standard input has ended, for
// each answer since, as JSON: [[startedAt, ms, waited], …]: milliseconds since 1970, those until the answer, and of these the ones
// in which the server or this program could have run, but the machine ran something else.
import { readFileSync } from 'node:fs'
import { stdin } from 'bun'

const [url = '', pid = ''] = process.argv.slice(2)
const EVERY_MS = 10
const GIVE_UP_MS = 20_000

let isOver = false
const stopped = (async () => {
  for await (const _ of stdin.stream());
  isOver = true
})()

/** Milliseconds that the main threads of both have waited for a processor so far; 0 where the system does not tell. */
function waitedMs(): number {
  return [pid, String(process.pid)].reduce((sum, id) => sum + waitedBy(id), 0)
}

function waitedBy(id: string): number {
  try {
    // Nanoseconds on a processor, those in wait for one, and how often it was given one.
    return Number(readFileSync(`/proc/${id}/task/${id}/schedstat`, 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}

await (await fetch(url)).text()
console.log('asking')
const answers: [number, number, number][] = []
while (!isOver) {
  const start = performance.now()
  const before = waitedMs()
  let ok = false
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(GIVE_UP_MS) })
    await response.text()
    ok = response.status === 200
  } catch (error) {
    console.error(String(error))
  }
  const ms = ok ? performance.now() - start : GIVE_UP_MS
  answers.push([performance.timeOrigin + start, ms, ok ? waitedMs() - before : 0])
  await Bun.sleep(EVERY_MS)
}
await stopped
console.log(JSON.stringify(answers))
