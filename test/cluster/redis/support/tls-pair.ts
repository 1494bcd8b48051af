// Opens two nodes on the Redis that the argument names, and says whether one hears the other, or why not.
import { id } from '../../../core/fakes/values.ts'
import { until } from '../../../support/until.ts'
import { openBusNodeNow } from './bus-node.ts'
import { hears } from './talk.ts'

const [url = ''] = process.argv.slice(2)
const [one, two] = [openBusNodeNow(url), openBusNodeNow(url)]
await until(() => (one.bus.whole && two.bus.whole) || reasons().length > 0, 'an outcome')
if (one.bus.whole) {
  await two.bus.listen(id(1))
  await hears(one, two, id(1))
  console.log('heard')
} else console.log(`failed: ${reasons()}`)
process.exit(0)

/** Why there is no connection; that there is none yet is no reason. */
function reasons(): string[] {
  const failures = [...one.failures, ...two.failures].map((error) =>
    error instanceof Error && 'code' in error ? `${error.code} ${error.message}` : String(error),
  )
  return failures.filter((text) => !text.includes('enableOfflineQueue'))
}
