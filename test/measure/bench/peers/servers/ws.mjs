/* The broadcast of the README of ws: to everyone, the sender too. */
import WebSocket, { WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })

server.on('connection', (socket) => {
  socket.on('error', console.error)
  socket.on('message', (data, isBinary) => {
    for (const client of server.clients) {
      if (client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary })
    }
  })
})

server.on('listening', () => console.log(JSON.stringify({ port: server.address().port })))
