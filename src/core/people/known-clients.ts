import type { UserId } from '../model.ts'
import type { KnownClientRegister, Secrets } from '../ports.ts'
import type { Source } from './source.ts'

export type KnownClients = ReturnType<typeof createKnownClients>

/** How an account knows a client that signs in. */
export interface Recognised {
  /** The key that the client's guesses are counted by; null for an unknown client. */
  readonly key: string | null
  /** Whether the client is known by the secret of its browser, rather than by its address. */
  readonly byDevice: boolean
}

/** A client from which the account was never signed in to. */
export const STRANGER: Recognised = { key: null, byDevice: false }

/**
 * Remembers the clients from which each account was signed in to: browsers, by a secret that they were given, and addresses. So guesses
 * from elsewhere never lock the owner out. Only hashes are kept, a separate one for each account.
 */
export function createKnownClients(register: KnownClientRegister, secrets: Secrets) {
  /** @param account the account's folded name */
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
     * Remembers the client of a sign-in.
     * @param device the browser's secret, new or known; null for none
     */
    async remember(user: UserId, account: string, source: Source, device: string | null): Promise<void> {
      if (source.foreign) return
      const hashes = [hashOf(account, 'address', source.address)]
      if (device !== null) hashes.push(hashOf(account, 'device', device))
      await register.addKnownClients(user, hashes)
    },

    /** Forgets all clients of the account. */
    forget(user: UserId): Promise<void> {
      return register.forgetKnownClients(user)
    },
  }
}
