/*
 * The limit of durable fan-out: a bare Bun server that stores what it is sent before it publishes it. All that has come while a batch
 * was stored is the next one: one plain insert, and one frame with all its messages. It checks nothing and numbers nothing, and one
 * connection to the database writes one batch at a time, as a room of Parley's does.
 */
import { type Static, Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import postgres from 'postgres'
import { type Draft, isId } from '../../../../src/core/index.ts'
import { createKeys } from '../../../../src/core/messages/idempotency-keys.ts'
import { createPlainTable, plainInsert } from './plain-insert.ts'

const Message = Type.Object({
  room: Type.Integer(),
  sender: Type.Object({ id: Type.Integer() }),
  kind: Type.String(),
  body: Type.String(),
})
const events = TypeCompiler.Compile(Type.Array(Type.Object({ message: Message })))

const sql = postgres(process.env.DATABASE_URL ?? '', { max: 1, onnotice: () => undefined })
await createPlainTable(sql)
const newKey = createKeys()

let drafts: Draft[] = []
/** The frames that the drafts came in, without the brackets of an array. */
let frames: string[] = []
let isWriting = false

const bare = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null, { status: 400 })),
  websocket: {
    open: (ws) => void ws.subscribe('all'),
    message(_, frame) {
      const text = String(frame)
      const inner = text.startsWith('[') ? text.slice(1, -1) : text
      const sent: unknown = JSON.parse(`[${inner}]`)
      if (!events.Check(sent)) throw new Error('these are no messages')
      for (const { message } of sent) drafts.push(draftOf(message))
      frames.push(inner)
      if (!isWriting) void write()
    },
  },
})

async function write(): Promise<void> {
  isWriting = true
  while (drafts.length > 0) {
    // What is being dispatched now is part of the batch.
    await new Promise((resolve) => setImmediate(resolve))
    const [batch, texts] = [drafts, frames]
    drafts = []
    frames = []
    await plainInsert(sql, batch)
    bare.publish('all', `[${texts.join(',')}]`)
  }
  isWriting = false
}

function draftOf({ room, sender, kind, body }: Static<typeof Message>): Draft {
  if (!isId(room) || !isId(sender.id)) throw new Error('an id is at least 1')
  return {
    roomId: room,
    sender: { id: sender.id, username: '' },
    clientId: newKey(),
    kind,
    body,
    replyTo: null,
    details: null,
    inRoom: true,
  }
}

console.log(JSON.stringify({ msg: 'ready', port: bare.port }))
