/*
 * The limit of fan-out: a bare Bun server that publishes what it is sent, as it came, and stores nothing. Everyone who
 * connects under one path hears the same.
 */
const bare = Bun.serve<string>({
  hostname: '127.0.0.1',
  port: 0,
  fetch: (request, server) =>
    server.upgrade(request, { data: new URL(request.url).pathname })
      ? undefined
      : new Response(null, { status: 400 }),
  websocket: {
    open: (ws) => void ws.subscribe(ws.data),
    message: (ws, frame) => void bare.publish(ws.data, frame),
  },
})
console.log(JSON.stringify({ msg: 'ready', port: bare.port }))
