/*
 * The limit of fan-out: a bare Bun server that publishes what it is sent, as it came, and stores nothing.
 */
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null, { status: 400 })),
  websocket: {
    open: (ws) => void ws.subscribe('room'),
    message: (_, frame) => void server.publish('room', frame),
  },
})
console.log(JSON.stringify({ msg: 'ready', port: server.port }))
