// A server that does nothing: what it takes to answer is what the machine takes. Prints its port; ends with its standard input.
import { stdin } from 'bun'

const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('ok') })
console.log(server.port)
for await (const _ of stdin.stream());
await server.stop(true)
