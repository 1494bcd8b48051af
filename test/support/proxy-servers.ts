// HAProxy and nginx with the configuration of the page on balancers, in front of nodes on loopback.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onFreePort } from './free-port.ts'
import { findProgram } from './programs.ts'
import { openSandbox } from './sandbox/sandbox.ts'
import { startServer } from './server.ts'

export interface ProxyServer {
  readonly url: string
  /** Resolves to how many nodes it sends requests to; one that asks nobody sends to all of them. */
  used(): Promise<number>
  output(): string
  remove(): Promise<void>
}

const PAGE = join(import.meta.dir, '../../src/server/README.md')

/** @param check in place of the words that have a node checked in the page's configuration */
export async function startHaproxy(nodes: readonly number[], check = 'check'): Promise<ProxyServer> {
  const program = await findProgram('haproxy')
  const startOn = async (port: number, statsPort: number) => {
    const text = localized(await block('haproxy'), nodes, 'bind :80', `bind 127.0.0.1:${port}`)
    const stats = `\nfrontend stats\n    bind 127.0.0.1:${statsPort}\n    stats enable\n    stats uri /\n`
    const sandbox = await openSandbox('haproxy')
    const config = join(sandbox.folder, 'haproxy.cfg')
    await writeFile(config, text.replaceAll(/ check$/gm, ` ${check}`) + stats)
    const states = async () => {
      const answer = await fetch(`http://127.0.0.1:${statsPort}/;csv`)
      return (await answer.text()).match(/^parley,(one|two),.*?,(UP|DOWN)/gm) ?? []
    }
    const used = async () => (await states()).filter((line) => line.endsWith('UP')).length
    const kind = {
      name: 'haproxy',
      stopSignal: 'SIGTERM',
      launch: () => sandbox.run('haproxy', [program, '-db', '-f', config], {}),
      answers: () => used().then(Boolean, () => false),
    } as const
    const server = await startServer(kind, sandbox, port)
    return { url: `http://127.0.0.1:${port}`, used, output: server.output, remove: server.remove }
  }
  return await onFreePort((statsPort) => onFreePort((port) => startOn(port, statsPort)))
}

export async function startNginx(nodes: readonly number[]): Promise<ProxyServer> {
  const program = await findProgram('nginx')
  return await onFreePort(async (port) => {
    const text = localized(await block('nginx'), nodes, 'listen 80;', `listen 127.0.0.1:${port};`)
    const sandbox = await openSandbox('nginx')
    const config = join(sandbox.folder, 'nginx.conf')
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${sandbox.folder}/${name};`,
    )
    const around = ['daemon off;', 'master_process off;', 'pid nginx.pid;', 'error_log stderr;', 'events {}']
    await writeFile(config, [...around, 'http {', 'access_log off;', ...places, text, '}', ''].join('\n'))
    const url = `http://127.0.0.1:${port}`
    const kind = {
      name: 'nginx',
      stopSignal: 'SIGTERM',
      launch: () => sandbox.run('nginx', [program, '-p', sandbox.folder, '-c', config, '-e', 'stderr'], {}),
      answers: () =>
        fetch(`${url}/healthz`).then(
          ({ ok }) => ok,
          () => false,
        ),
    } as const
    const server = await startServer(kind, sandbox, port)
    return { url, used: async () => nodes.length, output: server.output, remove: server.remove }
  })
}

/** The page's block in this language. */
async function block(language: string): Promise<string> {
  const page = await Bun.file(PAGE).text()
  const found = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(page)?.[1]
  if (found === undefined) throw new Error(`${PAGE} has no block of ${language}`)
  return found
}

/** The configuration with this machine's ports in the place of the page's addresses. */
function localized(text: string, nodes: readonly number[], listen: string, own: string): string {
  const addresses = ['10.0.0.1:8000', '10.0.0.2:8000']
  return addresses.reduce(
    (result, address, index) => replaced(result, address, `127.0.0.1:${nodes[index]}`),
    replaced(text, listen, own),
  )
}

function replaced(text: string, old: string, by: string): string {
  if (!text.includes(old)) throw new Error(`the page's configuration has no ${old}`)
  return text.replaceAll(old, by)
}
