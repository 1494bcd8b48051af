import { type AnyElysia, Elysia } from 'elysia'
import { openApi } from './openapi.ts'

/** What the page loads, from the package that the server is installed with: nothing comes from another host. */
const assets = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
} as const

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Parley API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css" />
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/assets/start.js"></script>
  </body>
</html>
`

const start = `window.ui = SwaggerUIBundle({ url: '/docs/json', dom_id: '#api', deepLinking: true, validatorUrl: null })\n`

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
}

/**
 * `/docs` shows the documentation of the routes, `/docs/json` is its OpenAPI document, `/docs/asyncapi.json` that of a socket;
 * both are made when they are first asked for.
 */
export function docs(routes: readonly AnyElysia[], { asyncapi }: { asyncapi: () => unknown }) {
  let document: Promise<unknown> | null = null
  let sockets: unknown = null
  return new Elysia({ name: 'docs' })
    .get(
      '/docs',
      () => new Response(page, { headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } }),
    )
    .get('/docs/json', () => {
      document ??= openApi(routes)
      return document
    })
    .get('/docs/asyncapi.json', () => {
      sockets ??= asyncapi()
      return sockets
    })
    .get(
      '/docs/assets/start.js',
      () => new Response(start, { headers: { 'content-type': 'text/javascript' } }),
    )
    .get('/docs/assets/swagger-ui.css', () => asset('swagger-ui.css'))
    .get('/docs/assets/swagger-ui-bundle.js', () => asset('swagger-ui-bundle.js'))
}

function asset(name: keyof typeof assets): Response {
  const file = Bun.file(new URL(import.meta.resolve(`swagger-ui-dist/${name}`)))
  return new Response(file, {
    headers: { 'content-type': assets[name], 'cache-control': 'public, max-age=3600' },
  })
}
