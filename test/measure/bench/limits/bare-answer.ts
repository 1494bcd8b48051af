/*
 * The limit of a start: a bare Bun server that gives one answer to everything.
 */
Bun.serve({ hostname: '127.0.0.1', port: Number(process.env.PORT), fetch: () => new Response('ok') })
