/*
 * A program of its own that reads slowly: it stops at the first message, as a page does that takes long to render, until a file is
 * there. Prints what it has when it has seen the message `LAST`, as JSON.
 * @param argv the server's URL, a token, a room's id, the file
 */
import { existsSync } from 'node:fs'
import { createClient } from '../../../src/client/index.ts'
import { observedSocket } from './observed-socket.ts'
import { LAST, type SlowOutcome } from './slow-outcome.ts'

const [url = '', token = '', id = '', file = ''] = process.argv.slice(2)
const { Socket, batches, closes } = observedSocket(true)
const client = createClient({ url, token, network: null, WebSocket: Socket, random: () => 0.01 })
const room = client.room(Number(id))
const seqs: number[] = []
let notified = 0

client.on('event', (event) => {
  seqs.push(event.seq)
  while (!existsSync(file)) Bun.sleepSync(20)
})
room.subscribe(() => {
  notified++
  const { messages, status } = room.getSnapshot()
  if (status !== 'live' || messages.at(-1)?.body !== LAST) return
  const outcome: SlowOutcome = {
    seqs,
    closes: [...closes],
    batches: batches(),
    notified,
    shown: messages.map(({ seq }) => seq),
  }
  process.stdout.write(JSON.stringify(outcome), () => process.exit(0))
})
await room.open()
// Whoever sees it knows that the program is there.
room.typing(true)
