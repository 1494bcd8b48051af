import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupError } from '../../../core/index.ts'
import { listenFailure } from './listen-failure.ts'

export interface TlsOptions {
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
  readonly selfSigned: boolean
}

/** In PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

const YEARS = 10

/** Returns the certificate to listen with, or null for none. @throws SetupError if a file cannot be read or used */
export async function loadCertificate(options: TlsOptions, dataDir: string): Promise<Certificate | null> {
  const { certFile, keyFile, selfSigned } = options
  if (certFile === undefined || keyFile === undefined) return selfSigned ? ownCertificate(dataDir) : null
  const cert = await readPem('TLS_CERT_FILE', certFile)
  const key = await readPem('TLS_KEY_FILE', keyFile)
  if (!certificateIn(cert, certFile).checkPrivateKey(keyIn(key, keyFile))) {
    throw new SetupError(
      `TLS_KEY_FILE: the key in ${keyFile} does not belong to the certificate in ${certFile} (TLS_CERT_FILE)`,
    )
  }
  return { cert, key }
}

/** Checks a certificate on a port of its own, so that one that is refused costs no open port. @throws SetupError */
export function tryOut(certificate: Certificate): void {
  const place = { variable: 'TLS_PORT', host: '127.0.0.1', port: 0 } as const
  try {
    const trial = Bun.serve({
      hostname: place.host,
      port: place.port,
      tls: certificate,
      fetch: () => new Response(null, { status: 503 }),
    })
    void trial.stop(true)
  } catch (error) {
    throw listenFailure(error, place)
  }
}

function certificateIn(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new SetupError(`TLS_CERT_FILE: the file ${file} contains no certificate in PEM`, { cause })
  }
}

function keyIn(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new SetupError(
      `TLS_KEY_FILE: the file ${file} contains no private key in PEM, or an encrypted one`,
      { cause },
    )
  }
}

/** Returns the self-signed certificate. It is made once and kept, so that tools that have accepted it go on accepting it. */
async function ownCertificate(dataDir: string): Promise<Certificate> {
  const folder = join(dataDir, 'tls')
  const certFile = Bun.file(join(folder, 'cert.pem'))
  const keyFile = Bun.file(join(folder, 'key.pem'))
  if ((await certFile.exists()) && (await keyFile.exists())) {
    return { cert: await certFile.text(), key: await keyFile.text() }
  }
  // Imported here because loading it takes a sixth of the start's time.
  const { generate } = await import('selfsigned')
  const now = new Date()
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    notBeforeDate: now,
    notAfterDate: new Date(now.getFullYear() + YEARS, now.getMonth(), now.getDate()),
    extensions: [
      { name: 'basicConstraints', cA: false },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  })
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(join(folder, 'key.pem'), made.private, { mode: 0o600 })
    await writeFile(join(folder, 'cert.pem'), made.cert)
  } catch (cause) {
    throw new SetupError(`DATA_DIR: no certificate can be written to ${folder}${codeIn(cause)}`, { cause })
  }
  return { cert: made.cert, key: made.private }
}

async function readPem(variable: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new SetupError(`${variable}: the file ${path} cannot be read${codeIn(cause)}`, { cause })
  }
}

function codeIn(error: unknown): string {
  return error instanceof Error && 'code' in error ? ` (${error.code})` : ''
}
