import { join } from 'node:path'
import { Elysia } from 'elysia'

const WEB = join(import.meta.dir, '../web')

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Parley</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/web/style.css" />
    <script type="module" src="/web/app.js"></script>
  </head>
  <body></body>
</html>
`

/** Nothing runs that is not the client's own, and nothing is asked of another host: `'self'` is also the sockets of this one. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

/** The built-in web client at `/`. What it runs is bundled when it is first asked for. */
export function webClient() {
  let bundle: Promise<string> | null = null
  return new Elysia({ name: 'web client' })
    .get('/', () => answer(page, 'text/html; charset=utf-8'))
    .get('/web/app.js', async () => {
      bundle ??= bundled()
      return answer(await bundle, 'text/javascript; charset=utf-8')
    })
    .get('/web/style.css', () => answer(Bun.file(join(WEB, 'style.css')), 'text/css; charset=utf-8'))
}

function answer(body: string | Blob, type: string): Response {
  const headers = {
    'content-type': type,
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    // Another release has other files under the same names.
    'cache-control': 'no-cache',
  }
  return new Response(body, { headers })
}

/** Throws where it cannot be made. */
async function bundled(): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [join(WEB, 'index.ts')],
    target: 'browser',
    format: 'esm',
    minify: true,
  })
  const [output] = outputs
  if (output === undefined) throw new Error('the web client has no bundle')
  return output.text()
}
