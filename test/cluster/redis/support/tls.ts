import { join } from 'node:path'
import { generate } from 'selfsigned'
import { onFreePort } from '../../../support/free-port.ts'
import { findProgram } from '../../../support/programs.ts'
import { isServedBy, type RedisServer, startRedis } from '../../../support/redis-server.ts'
import { openSandbox } from '../../../support/sandbox/sandbox.ts'
import { type Server, startServer } from '../../../support/server.ts'

export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Files in the folder: a certificate of this machine's loopback, which is its own authority. */
export async function makeCertificate(folder: string): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: 'loopback' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  await Bun.write(files.cert, made.cert)
  await Bun.write(files.key, made.private)
  return files
}

/** A Redis that speaks TLS on a port of its own, besides the plain one. */
export function startTlsRedis(
  { cert, key }: Certificate,
  settings: Record<string, string> = {},
): Promise<{ server: RedisServer; tlsPort: number }> {
  return onFreePort(async (tlsPort) => {
    const tls = {
      'tls-port': String(tlsPort),
      'tls-cert-file': cert,
      'tls-key-file': key,
      'tls-ca-cert-file': cert,
      'tls-auth-clients': 'no',
      'tls-replication': 'yes',
    }
    return { server: await startRedis({ ...tls, ...settings }), tlsPort }
  })
}

/** A sentinel of the master `chat` that speaks TLS, to it as well as to its clients. */
export function startTlsSentinel(
  { cert, key }: Certificate,
  masterPort: number,
): Promise<{ server: Server; tlsPort: number }> {
  return onFreePort((tlsPort) =>
    onFreePort(async (port) => {
      const program = await findProgram('redis-server')
      const sandbox = await openSandbox('sentinel')
      const file = join(sandbox.folder, 'sentinel.conf')
      const lines = [
        `port ${port}`,
        `tls-port ${tlsPort}`,
        'bind 127.0.0.1',
        `tls-cert-file ${cert}`,
        `tls-key-file ${key}`,
        `tls-ca-cert-file ${cert}`,
        'tls-auth-clients no',
        'tls-replication yes',
        `sentinel monitor chat 127.0.0.1 ${masterPort} 1`,
      ]
      await Bun.write(file, `${lines.join('\n')}\n`)
      const kind = {
        name: 'sentinel',
        stopSignal: 'SIGTERM',
        launch: () => sandbox.run('sentinel', [program, file, '--sentinel'], {}),
        answers: (pid: number) => isServedBy(`redis://127.0.0.1:${port}`, pid),
      } as const
      return { server: await startServer(kind, sandbox, port), tlsPort }
    }),
  )
}
