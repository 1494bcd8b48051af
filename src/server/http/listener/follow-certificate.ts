import { X509Certificate } from 'node:crypto'
import type { Logger } from '../../observe/index.ts'
import type { Certificate } from './certificate.ts'

export interface FollowOptions {
  /** The certificate that is shown now. */
  readonly shown: Certificate
  /** Reads the files. @throws if they cannot be used */
  readonly read: () => Promise<Certificate | null>
  /** Shows another certificate from now on. @throws if it cannot be used; the former one stays */
  readonly renew: (certificate: Certificate) => void
  readonly log: Logger
  /** Milliseconds between two looks at the files. */
  readonly everyMs?: number
}

export interface FollowedCertificate {
  /** Looks at the files now, and tells the log what came of it. Never rejects. */
  look(): Promise<void>
  stop(): void
}

/**
 * Shows the certificate of the files whenever they change. Files that cannot be used change nothing: the log says why, at the second
 * look that finds them so, since the two files of a pair are not replaced at the same moment.
 */
export function followCertificate(options: FollowOptions): FollowedCertificate {
  const { read, renew, log, everyMs = 10_000 } = options
  let { shown } = options
  /** Why the last look failed, and the reason that the log was told last; null after a look that succeeded. */
  let failure: string | null = null
  let told: string | null = null
  /** Looks run one after the other. */
  let last = Promise.resolve()

  async function look(wasAsked: boolean): Promise<void> {
    try {
      const certificate = await read()
      if (certificate !== null && !isSame(certificate, shown)) {
        renew(certificate)
        shown = certificate
        log.info(
          { valid_to: new X509Certificate(certificate.cert).validTo },
          'a new certificate is used (TLS_CERT_FILE)',
        )
      } else if (wasAsked) {
        log.info('the certificate has not changed (TLS_CERT_FILE)')
      }
      failure = null
      told = null
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (wasAsked || (reason === failure && reason !== told)) {
        told = reason
        log.warn({ reason }, 'the new certificate cannot be used: the old one stays in use')
      }
      failure = reason
    }
  }

  function next(wasAsked: boolean): Promise<void> {
    last = last.then(() => look(wasAsked))
    return last
  }

  const timer = setInterval(() => void next(false), everyMs)
  timer.unref()
  return {
    look: () => next(true),
    stop: () => clearInterval(timer),
  }
}

function isSame(one: Certificate, other: Certificate): boolean {
  return one.cert === other.cert && one.key === other.key
}
