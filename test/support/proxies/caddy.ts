import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onFreePort } from '../free-port.ts'
import { findProgram } from '../programs.ts'
import { openSandbox } from '../sandbox/sandbox.ts'
import { startServer } from '../server.ts'
import { configuration } from './page.ts'
import { type MountPoint, type ProxyServer, pathOf } from './proxy-server.ts'

/** @param interval between two questions for a node's health, in place of the page's */
export async function startCaddy(
  nodes: readonly number[],
  mount: MountPoint = 'host',
  interval = '2s',
): Promise<ProxyServer> {
  const program = await findProgram('caddy')
  return await onFreePort(async (port) => {
    const whole = '\treverse_proxy 10.0.0.1:8000 10.0.0.2:8000 {'
    const replace = {
      // By plain HTTP, since nobody certifies this machine.
      'chat.example.com {': `http://127.0.0.1:${port} {`,
      'health_interval 2s': `health_interval ${interval}`,
    }
    const text = await configuration('caddyfile', { nodes, mount, whole, replace })
    const sandbox = await openSandbox('caddy')
    const config = join(sandbox.folder, 'Caddyfile')
    await writeFile(config, `{\n\tadmin off\n}\n\n${text}`)
    const url = `http://127.0.0.1:${port}${pathOf(mount)}`
    const kind = {
      name: 'caddy',
      stopSignal: 'SIGTERM',
      launch: () =>
        sandbox.run('caddy', [program, 'run', '--config', config, '--adapter', 'caddyfile'], {
          HOME: sandbox.folder,
        }),
      answers: () =>
        fetch(`${url}/healthz`).then(
          ({ ok }) => ok,
          () => false,
        ),
    } as const
    const { output, remove } = await startServer(kind, sandbox, port)
    return { url, used: async () => nodes.length - downIn(output()).length, output, remove }
  })
}

/** Returns the nodes that Caddy has found not to be ready, by its log. It logs each check that fails, and the first that succeeds again. */
function downIn(log: string): string[] {
  const last = new Map<string, string>()
  for (const line of log.matchAll(/health_checker\.active","msg":"([^"]*)".*?"host":"([^"]*)"/g)) {
    const [, said = '', host = ''] = line
    last.set(host, said)
  }
  return [...last].flatMap(([host, said]) => (said === 'host is up' ? [] : [host]))
}
