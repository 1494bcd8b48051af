import { timingSafeEqual } from 'node:crypto'
import type { Signer } from '../core/index.ts'

/** Seals texts with HMAC-SHA-256. @param secret what all nodes of the installation share, and nobody else */
export function createSigner(secret: string): Signer {
  const sealOf = (text: string) => new Bun.CryptoHasher('sha256', secret).update(text).digest('base64url')
  return {
    sign: sealOf,
    verify(text, seal) {
      const [given, right] = [Buffer.from(seal), Buffer.from(sealOf(text))]
      return given.length === right.length && timingSafeEqual(given, right)
    },
  }
}

/** Returns 160 random bits as 40 hex characters. */
export function newKey(): string {
  return crypto.getRandomValues(new Uint8Array(20)).toHex()
}
