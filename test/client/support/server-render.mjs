// Renders a room as a server does, with a client that was made with the module. Arguments: the library's bundle, the address.
import assert from 'node:assert/strict'
import { pathToFileURL } from 'node:url'
import { createElement, useSyncExternalStore } from 'react'
import { renderToString } from 'react-dom/server'

const [, , bundle, url] = process.argv
const { createClient, memoryStorage, webStorage } = await import(pathToFileURL(bundle).href)

let asked = 0
const client = createClient({
  url,
  token: () => String(++asked),
  storage: globalThis.localStorage ? webStorage(globalThis.localStorage) : memoryStorage(),
})
const room = client.room(1)

function Room() {
  const { messages, status } = useSyncExternalStore(room.subscribe, room.getSnapshot, room.getServerSnapshot)
  const { user } = useSyncExternalStore(client.subscribe, client.getSnapshot, client.getServerSnapshot)
  return createElement(
    'p',
    null,
    `${status}, ${messages.length} messages, ${user === null ? 'nobody' : 'somebody'}`,
  )
}

assert.equal(renderToString(createElement(Room)), '<p>closed, 0 messages, nobody</p>')
client.connect()
void room.open()
assert.equal(client.status, 'offline')
assert.equal(asked, 0)
// Nothing waits: the process ends by itself.
