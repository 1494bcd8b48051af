import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { launchChromium } from '../support/chromium.ts'
import { type ParleyProcess, startParley } from '../support/parley-process.ts'
import { findProgram } from '../support/programs.ts'
import { inSandbox } from '../support/sandbox/sandbox.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'
import { makePython, runScript } from './clients/programs.ts'
import { createScene } from './clients/scene.ts'

setDefaultTimeout(90_000)

let parley: ParleyProcess
/** Another site, whose one page Parley lets speak for its visitors. */
let page = ''
const site = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: () => new Response(page, { headers: { 'content-type': 'text/html' } }),
})

beforeAll(async () => {
  parley = await startParley({
    DATABASE_URL: await createMigratedDatabase(),
    ALLOWED_ORIGINS: site.url.origin,
  })
})
afterAll(async () => {
  await parley.remove()
  await site.stop(true)
})

test.concurrent("the documentation's Python client", () =>
  inSandbox(async (sandbox) => {
    const python = await makePython(sandbox.folder)
    const scene = await createScene(parley, 'python')
    const text = await scene.source('python-example.txt')
    const client = await runScript(sandbox, [python], { name: 'client.py', text })
    await scene.play(client.output)
    expect(client.output()).toMatch(/^History: /)
  }))

test.concurrent("the documentation's JavaScript client in Node", () =>
  inSandbox(async (sandbox) => {
    const node = await findProgram('node')
    const scene = await createScene(parley, 'node')
    const text = await scene.source('javascript-example.txt')
    const command = [node, '--import', join(import.meta.dir, 'clients/node-websocket.mjs')]
    const client = await runScript(sandbox, command, { name: 'client.js', text })
    await scene.play(client.output)
    expect(client.output()).toMatch(/^Received: \{\s*type: 'history'/)
  }))

test.concurrent("the documentation's JavaScript client in Bun", () =>
  inSandbox(async (sandbox) => {
    const scene = await createScene(parley, 'bun')
    const text = await scene.source('javascript-example.txt')
    const client = await runScript(sandbox, [process.execPath], { name: 'client.js', text })
    await scene.play(client.output)
    expect(client.output()).toMatch(/^Received: \{\s*type: "history"/)
  }))

test.concurrent("the documentation's JavaScript client in a browser, on another site's page", async () => {
  const scene = await createScene(parley, 'browser')
  const script = await scene.source('javascript-example.txt')
  page = `<!doctype html><meta charset="utf-8"><title>A client</title><script>${script}</script>`
  const browser = await launchChromium()
  try {
    const tab = await browser.newPage()
    const printed: string[] = []
    let printing = Promise.resolve()
    tab.on('console', (line) => {
      printing = printing.then(async () => {
        const values = await Promise.all(line.args().map((value) => value.jsonValue()))
        printed.push(JSON.stringify(values))
      })
    })
    await tab.goto(site.url.href)
    await scene.play(() => printed.join('\n'))
    expect(printed[0]).toStartWith('["Received:",{"type":"history"')
  } finally {
    await browser.close()
  }
})

test.concurrent('wscat: what is typed is sent, and what comes is shown', async () => {
  const scene = await createScene(parley, 'wscat')
  const program = join(import.meta.dir, '../../node_modules/wscat/bin/wscat')
  const client = Bun.spawn([await findProgram('node'), program, '--connect', scene.url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  const reading = (async () => {
    for await (const chunk of client.stdout.pipeThrough(new TextDecoderStream())) output += chunk
  })()
  const type = async (line: string) => {
    client.stdin.write(`${line}\n`)
    await client.stdin.flush()
  }

  await until(() => output.includes('"history"'), 'the history')
  await type(scene.hello)
  await scene.play(() => output)
  await type('not a frame')
  await until(() => output.includes('{"type":"error","detail":"The frame is not valid JSON"}'), 'an error')
  await client.stdin.end()
  await client.exited
  await reading
})
