/*
 * The limit of delays: how long the database takes to commit a batch, at a steady pace. A process of its own: reads a plan from
 * its standard input and prints the outcome, both JSON.
 */
import { Value } from '@sinclair/typebox/value'
import postgres, { type Sql } from 'postgres'
import { type Draft, isId } from '../../../../src/core/index.ts'
import { createKeys } from '../../../../src/core/messages/idempotency-keys.ts'
import { type Delays, delaysOf } from '../load/delays.ts'
import { NUMBERED_TEXT } from '../load/numbered-frame.ts'
import { Pace } from '../load/pace.ts'
import { CommitsPlan } from './commits-plan.ts'
import { plainInsert } from './plain-insert.ts'

const TICK_MS = 1

async function run(plan: CommitsPlan): Promise<Delays> {
  const clients = Array.from({ length: plan.connections }, () => postgres(plan.databaseUrl, { max: 1 }))
  const each = await Promise.all(clients.map((client) => commit(client, plan)))
  const delays = delaysOf(each.flat())
  if (delays === null) throw new Error('no batch was measured')
  return delays
}

/** Commits one batch after the other. @returns how long each took while measured, in milliseconds */
async function commit(client: Sql, plan: CommitsPlan): Promise<number[]> {
  const key = createKeys()
  const begin = performance.now()
  const [from, to] = [begin + plan.warmUpMs, begin + plan.warmUpMs + plan.measureMs]
  const pace = new Pace(plan.perSecond / plan.connections, begin)
  const took: number[] = []
  while (performance.now() < to) {
    for (let due = pace.due(performance.now()); due > 0; due--) {
      const batch = Array.from({ length: plan.rows }, (_, index) => draft(key(), index, plan.rooms))
      const sent = performance.now()
      await plainInsert(client, batch)
      if (sent >= from) took.push(performance.now() - sent)
    }
    await Bun.sleep(TICK_MS)
  }
  return took
}

function draft(clientId: string, index: number, rooms: number): Draft {
  const [roomId, sender] = [1 + (index % rooms), 1 + index]
  if (!isId(roomId) || !isId(sender)) throw new Error('an id is at least 1')
  return {
    roomId,
    sender: { id: sender, username: '' },
    clientId,
    kind: 'text',
    body: NUMBERED_TEXT,
    replyTo: null,
    details: null,
    inRoom: true,
  }
}

const outcome = await run(Value.Parse(CommitsPlan, await Bun.stdin.json()))
process.stdout.write(JSON.stringify(outcome))
process.exit(0)
