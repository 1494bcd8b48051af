// Talks to a server with a WebSocket that is given. Arguments: the library's bundle, the address, a token, a room.
import assert from 'node:assert/strict'
import { pathToFileURL } from 'node:url'
import { WebSocket } from 'ws'

const [, , bundle, url, token, id] = process.argv
const { createClient } = await import(pathToFileURL(bundle).href)

const client = createClient({ url, token, WebSocket })
const room = client.room(Number(id))
await room.open()
const handle = room.send('from an old engine')
const { seq } = await handle.done
room.read(seq)
const [first] = (await client.api.messages.page(room.id, { limit: 1 })).items
assert.equal(first.body, 'from an old engine')
await client.close()
