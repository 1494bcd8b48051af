/*
 * A simulated node that listens to all shards of the Redis at a URL, as a process of its own: says `ready` once it does, and
 * goes when its standard input ends.
 */
import { openListener } from './simulated-node.ts'

const node = await openListener(process.argv[2] ?? '')
process.stdout.write('ready\n')
await Bun.stdin.text()
await node.close()
process.exit(0)
