/* A room of Socket.IO, without a client to serve over HTTP and without polling, as its documentation tells for sockets only. */
import { createServer } from 'node:http'
import { Server } from 'socket.io'

const http = createServer()
const io = new Server(http, { transports: ['websocket'], serveClient: false })

// It needs less memory so, says its page on performance.
io.engine.on('connection', (raw) => {
  raw.request = null
})

io.on('connection', (socket) => {
  socket.join('room')
  socket.on('message', (message) => {
    io.to('room').emit('message', message)
  })
})

http.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: http.address().port })))
