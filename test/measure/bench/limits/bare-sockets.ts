/*
 * The limit of idle connections: a bare Bun server whose sockets hear one topic, and which keeps nothing of them. Bun pings them.
 */

/** Seconds. Bun then pings a silent socket every 28 seconds; Parley does so after 25 to 30, by the default of `SOCKET_PING_MS`. */
const IDLE_TIMEOUT = 41

const sockets = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null, { status: 400 })),
  websocket: {
    idleTimeout: IDLE_TIMEOUT,
    open: (ws) => void ws.subscribe('room'),
    message: (_, frame) => void sockets.publish('room', frame),
  },
})
console.log(JSON.stringify({ msg: 'ready', port: sockets.port }))
