import { Elysia } from 'elysia'
import { keptBytes } from '../http/index.ts'
import { type Documented, openApi } from './openapi.ts'
import type { ShownSettings } from './shown.ts'

/** The files that the page loads. They come from an installed package, so the page loads nothing from another host. */
const assets = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
} as const

/** Its addresses are relative, so that it works below any path of a host. */
const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Parley API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="docs/assets/swagger-ui.css" />
  </head>
  <body>
    <div id="api"></div>
    <script src="docs/assets/swagger-ui-bundle.js"></script>
    <script src="docs/assets/start.js"></script>
  </body>
</html>
`

const start = `window.ui = SwaggerUIBundle({ url: 'docs/json', dom_id: '#api', deepLinking: true, validatorUrl: null })\n`

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
}

export interface DocsOptions {
  /** Returns the document of a socket. */
  readonly asyncapi: (settings: ShownSettings) => unknown
  /** What the operator has set. */
  readonly settings: ShownSettings
}

/**
 * Returns the routes of the documentation: `/docs` is its page, `/docs/json` the OpenAPI document of the routes and
 * `/docs/asyncapi.json` the document of a socket. All are made on the first request and kept.
 */
export function docs(parts: readonly Documented[], { asyncapi, settings }: DocsOptions) {
  const json = { 'content-type': 'application/json' }
  const html = keptBytes(() => page, { ...headers, 'content-type': 'text/html; charset=utf-8' })
  const document = keptBytes(() => JSON.stringify(openApi(parts, settings)), json)
  const sockets = keptBytes(() => JSON.stringify(asyncapi(settings)), json)
  const script = keptBytes(() => start, { 'content-type': 'text/javascript' })
  const css = asset('swagger-ui.css')
  const bundle = asset('swagger-ui-bundle.js')
  return new Elysia({ name: 'docs' })
    .get('/docs', ({ request }) => (hasSlash(request) ? withoutSlash() : html(request)))
    .get('/docs/json', ({ request }) => document(request))
    .get('/docs/asyncapi.json', ({ request }) => sockets(request))
    .get('/docs/assets/start.js', ({ request }) => script(request))
    .get('/docs/assets/swagger-ui.css', ({ request }) => css(request))
    .get('/docs/assets/swagger-ui-bundle.js', ({ request }) => bundle(request))
}

/** From `/docs/` the page's relative addresses would lead elsewhere. */
function hasSlash({ url }: Request): boolean {
  return new URL(url).pathname.endsWith('/')
}

function withoutSlash(): Response {
  return new Response(null, { status: 308, headers: { location: '../docs' } })
}

function asset(name: keyof typeof assets) {
  const file = Bun.file(new URL(import.meta.resolve(`swagger-ui-dist/${name}`)))
  return keptBytes(() => file.bytes(), {
    'content-type': assets[name],
    'cache-control': 'public, max-age=3600',
  })
}
