import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onFreePort } from '../free-port.ts'
import { findProgram } from '../programs.ts'
import { openSandbox } from '../sandbox/sandbox.ts'
import { startServer } from '../server.ts'
import { configuration } from './page.ts'
import { type MountPoint, type ProxyServer, pathOf } from './proxy-server.ts'

/** @param change of the configuration, to what operators are not told to use */
export async function startNginx(
  nodes: readonly number[],
  mount: MountPoint = 'host',
  change: (configuration: string) => string = (text) => text,
): Promise<ProxyServer> {
  const program = await findProgram('nginx')
  return await onFreePort(async (port) => {
    const replace = { 'listen 80;': `listen 127.0.0.1:${port};` }
    const text = await configuration('nginx', { nodes, mount, whole: '    location / {', replace })
    const sandbox = await openSandbox('nginx')
    const config = join(sandbox.folder, 'nginx.conf')
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${sandbox.folder}/${name};`,
    )
    const around = ['daemon off;', 'master_process off;', 'pid nginx.pid;', 'error_log stderr;', 'events {}']
    const inside = ['http {', 'access_log off;', ...places, change(text), '}', '']
    await writeFile(config, [...around, ...inside].join('\n'))
    const url = `http://127.0.0.1:${port}${pathOf(mount)}`
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
    const { output, remove } = await startServer(kind, sandbox, port)
    return { url, used: async () => nodes.length, output, remove }
  })
}
