import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onFreePort } from '../free-port.ts'
import { findProgram } from '../programs.ts'
import { openSandbox } from '../sandbox/sandbox.ts'
import { startServer } from '../server.ts'
import { configuration } from './page.ts'
import { type MountPoint, type ProxyServer, pathOf } from './proxy-server.ts'

/** @param check in place of the words that have a node checked in the page's configuration */
export async function startHaproxy(
  nodes: readonly number[],
  mount: MountPoint = 'host',
  check = 'check',
): Promise<ProxyServer> {
  const program = await findProgram('haproxy')
  const startOn = async (port: number, statsPort: number) => {
    const whole = '    default_backend parley'
    const replace = { 'bind :80': `bind 127.0.0.1:${port}` }
    const text = await configuration('haproxy', { nodes, mount, whole, replace })
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
    const { output, remove } = await startServer(kind, sandbox, port)
    return { url: `http://127.0.0.1:${port}${pathOf(mount)}`, used, output, remove }
  }
  return await onFreePort((statsPort) => onFreePort((port) => startOn(port, statsPort)))
}
