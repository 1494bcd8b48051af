import { Elysia } from 'elysia'
import { keptBytes } from '../http/index.ts'
import { type Asset, createAssets } from './assets.ts'
import { type Documented, openApi } from './openapi.ts'
import type { ShownSettings } from './shown.ts'
import { socketPage, socketStyle } from './socket-page.ts'

const start = `window.ui = SwaggerUIBundle({ url: 'docs/json', dom_id: '#api', deepLinking: true, validatorUrl: null })\n`

/** Its addresses are relative, so that it works below any path of a host. */
const page = (style: string, scripts: readonly string[]) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Parley API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${style}" />
  </head>
  <body>
    <div id="api"></div>
${scripts.map((script) => `    <script src="${script}"></script>\n`).join('')}  </body>
</html>
`

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
 * Returns the routes of the documentation: `/docs` is the page of the routes and `/docs/json` their OpenAPI document; `/docs/socket` is
 * the page of a socket and `/docs/asyncapi.json` its document. All are made on the first request and kept.
 */
export function docs(parts: readonly Documented[], { asyncapi, settings }: DocsOptions) {
  const json = { 'content-type': 'application/json' }
  // From an installed package, so that the page loads nothing from another host.
  const assets = createAssets({
    'swagger-ui.css': packaged('swagger-ui.css', 'text/css'),
    'swagger-ui-bundle.js': packaged('swagger-ui-bundle.js', 'text/javascript'),
    'socket.css': { type: 'text/css', read: async () => new TextEncoder().encode(socketStyle) },
    'start.js': { type: 'text/javascript', read: async () => new TextEncoder().encode(start) },
  })
  const html = keptBytes(
    async () => {
      const scripts = [assets.address('swagger-ui-bundle.js'), assets.address('start.js')]
      return page(await assets.address('swagger-ui.css'), await Promise.all(scripts))
    },
    { ...headers, 'content-type': 'text/html; charset=utf-8' },
  )
  const document = keptBytes(async () => JSON.stringify(await openApi(parts, settings)), json)
  const sockets = keptBytes(() => JSON.stringify(asyncapi(settings)), json)
  // The page is one level further down than the address of an asset is made for.
  const socketHtml = keptBytes(
    async () => socketPage(asyncapi(settings), (await assets.address('socket.css')).replace(/^docs\//, '')),
    { ...headers, 'content-type': 'text/html; charset=utf-8' },
  )
  return new Elysia({ name: 'docs' })
    .get('/docs', ({ request }) => (hasSlash(request) ? withoutSlash('docs') : html(request)))
    .get('/docs/json', ({ request }) => document(request))
    .get('/docs/socket', ({ request }) => (hasSlash(request) ? withoutSlash('socket') : socketHtml(request)))
    .get('/docs/asyncapi.json', ({ request }) => sockets(request))
    .use(assets.routes)
}

/** From `/docs/` the page's relative addresses would lead elsewhere. */
function hasSlash({ url }: Request): boolean {
  return new URL(url).pathname.endsWith('/')
}

function withoutSlash(name: string): Response {
  return new Response(null, { status: 308, headers: { location: `../${name}` } })
}

function packaged(name: string, type: string): Asset {
  const file = Bun.file(new URL(import.meta.resolve(`swagger-ui-dist/${name}`)))
  return { type, read: () => file.bytes() }
}
