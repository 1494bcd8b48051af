import type { Secrets } from '../../core/index.ts'

/** Tokens are 160 bits from the system's generator. They cannot be guessed, so a plain SHA-256 protects them at rest. */
export function createSecrets(): Secrets {
  return {
    token: () => crypto.getRandomValues(new Uint8Array(20)).toHex(),
    hash: (token) => new Bun.CryptoHasher('sha256').update(token).digest(),
  }
}
