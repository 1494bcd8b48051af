import type { UserId } from '../model.ts'
import type { KnownClientRegister, Secrets } from '../ports.ts'
import type { Source } from './source.ts'

export type KnownClients = ReturnType<typeof createKnownClients>

/** How a client that signs in to an account is known to it. */
export interface Recognised {
  /** What its guesses are counted by; null for a stranger. */
  readonly key: string | null
  /** Whether it is known by the secret of its browser, rather than by its address. */
  readonly byDevice: boolean
}

/** A client from which the account was never signed in to. */
export const STRANGER: Recognised = { key: null, byDevice: false }

/**
 * The clients from which each account was signed in to before: browsers, by the secret that they were given, and addresses. So
 * guesses that come from elsewhere never keep the owner out. Only hashes are kept, and each is of one account.
 */
export function createKnownClients(register: KnownClientRegister, secrets: Secrets) {
  /** @param account its name, folded */
  const hashOf = (account: string, kind: 'address' | 'device', text: string) =>
    secrets.hash(`${kind} of ${account}: ${text}`)

  return {
    async recognise(account: string, { address, device, foreign }: Source): Promise<Recognised> {
      if (foreign) return STRANGER
      const byAddress = hashOf(account, 'address', address)
      const byDevice = device === null ? null : hashOf(account, 'device', device)
      const asked = byDevice === null ? [byAddress] : [byDevice, byAddress]
      const known = new Set((await register.knownClients(account, asked)).map((hash) => hash.toHex()))
      if (byDevice !== null && known.has(byDevice.toHex())) return { key: byDevice.toHex(), byDevice: true }
      return known.has(byAddress.toHex()) ? { key: byAddress.toHex(), byDevice: false } : STRANGER
    },

    /**
     * Remembers that the account was signed in to from there.
     * @param device the browser's secret: one that it has just been given, or was known by; null for none
     */
    async remember(user: UserId, account: string, source: Source, device: string | null): Promise<void> {
      if (source.foreign) return
      const hashes = [hashOf(account, 'address', source.address)]
      if (device !== null) hashes.push(hashOf(account, 'device', device))
      await register.addKnownClients(user, hashes)
    },

    /** From now on every client is a stranger to the account. */
    forget(user: UserId): Promise<void> {
      return register.forgetKnownClients(user)
    },
  }
}
