// A room's client on the package `ws`: ws-client.mjs URL TOKEN. Says what documents 1 and 2 say, and prints what comes.
import { WebSocket } from 'ws'

const [, , url, token] = process.argv
const socket = new WebSocket(url, { headers: { authorization: `Token ${token}` } })

socket.on('open', () => socket.send(JSON.stringify({ message: 'Hello, World!' })))
socket.on('message', (data, isBinary) => console.log(isBinary ? 'binary' : `received ${data}`))
socket.on('unexpected-response', (request, response) => {
  console.log(`refused ${response.statusCode}`)
  request.destroy()
})
socket.on('close', (code) => console.log(`closed ${code}`))
