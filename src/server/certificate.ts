import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

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

/** The certificate to listen with, or null for none. @throws Error with one line where a file cannot be read */
export async function loadCertificate(options: TlsOptions, dataDir: string): Promise<Certificate | null> {
  if (options.certFile !== undefined && options.keyFile !== undefined) {
    return {
      cert: await readPem('TLS_CERT_FILE', options.certFile),
      key: await readPem('TLS_KEY_FILE', options.keyFile),
    }
  }
  return options.selfSigned ? ownCertificate(dataDir) : null
}

/** Made once and kept, so that what a developer's tools have accepted stays accepted. */
async function ownCertificate(dataDir: string): Promise<Certificate> {
  const folder = join(dataDir, 'tls')
  const certFile = Bun.file(join(folder, 'cert.pem'))
  const keyFile = Bun.file(join(folder, 'key.pem'))
  if ((await certFile.exists()) && (await keyFile.exists())) {
    return { cert: await certFile.text(), key: await keyFile.text() }
  }
  // Only here: it takes a sixth of a start.
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
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'key.pem'), made.private, { mode: 0o600 })
  await writeFile(join(folder, 'cert.pem'), made.cert)
  return { cert: made.cert, key: made.private }
}

async function readPem(variable: string, path: string): Promise<string> {
  try {
    return await Bun.file(path).text()
  } catch {
    throw new CertificateError(`${variable}: the file ${path} cannot be read`)
  }
}

/** The message is one line for whoever runs the server. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
}
