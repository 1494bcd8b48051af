import { join } from 'node:path'
import { Elysia } from 'elysia'
import { keptBytes } from '../../server/index.ts'

const WEB = join(import.meta.dir, '../../web')

/** Its addresses are relative, so that it works below any path of a host, even if nobody has told the server of it. */
const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Parley</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="web/style.css" />
    <script type="module" src="web/app.js"></script>
  </head>
  <body></body>
</html>
`

/** The Content-Security-Policy. Allows only the client's own scripts and connections to this host; `'self'` includes its sockets. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

/** Returns the route of the built-in web client at `/`. Its script is bundled on the first request. */
export function webClient() {
  const html = cachedFile(() => page, 'text/html; charset=utf-8')
  const script = cachedFile(bundled, 'text/javascript; charset=utf-8')
  const style = cachedFile(() => Bun.file(join(WEB, 'style.css')).bytes(), 'text/css; charset=utf-8')
  return new Elysia({ name: 'web client' })
    .get('/', ({ request }) => html(request))
    .get('/web/app.js', ({ request }) => script(request))
    .get('/web/style.css', ({ request }) => style(request))
}

function cachedFile(make: Parameters<typeof keptBytes>[0], type: string) {
  return keptBytes(make, {
    'content-type': type,
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    // Another version of the server has other content under the same names.
    'cache-control': 'no-cache',
  })
}

/** Bundles the client. @throws if that fails */
async function bundled(): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [join(WEB, 'index.ts')],
    target: 'browser',
    format: 'esm',
    minify: true,
  })
  const [output] = outputs
  if (output === undefined) throw new Error('bundling the web client gave no output')
  return output.text()
}
