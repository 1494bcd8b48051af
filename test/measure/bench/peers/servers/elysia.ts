/* A room of Elysia's sockets, with its defaults; the sender hears itself, too. */
import { Elysia } from 'elysia'

const app = new Elysia({ websocket: { publishToSelf: true } })
  .ws('/room', {
    open: (ws) => void ws.subscribe('room'),
    message: (ws, message) => void ws.publish('room', message),
  })
  .listen({ hostname: '127.0.0.1', port: 0 })
console.log(JSON.stringify({ port: app.server?.port }))
