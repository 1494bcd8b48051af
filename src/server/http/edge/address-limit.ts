import type { Limiter, Taken } from '../../../core/index.ts'
import type { Addresses } from '../../client-side/index.ts'

export type AddressLimit = ReturnType<typeof createAddressLimit>

/**
 * Limits the requests of each address. Past the limit sign-ins go on, with a limit of their own and for clients only that the account
 * knows: many users may share an address, and one of them must not keep the others from signing in.
 * @param onRefused told of each address that is past its limit
 */
export function createAddressLimit(
  limiter: Pick<Limiter, 'take'>,
  addresses: Pick<Addresses, 'limitKey'>,
  onRefused: (address: string) => void,
) {
  /** Milliseconds that requests would have had to wait which were let in as sign-ins. */
  const waits = new WeakMap<Request, number>()

  return {
    /** Takes one request of an address. */
    async take(address: string): Promise<Taken> {
      const taken = await limiter.take('request_address', addresses.limitKey(address))
      if (taken.waitMs > 0) onRefused(address)
      return taken
    },

    /** Takes one sign-in of an address that is past its limit. @returns whether it may be handled */
    async takeSignIn(request: Request, address: string, { waitMs }: Taken): Promise<boolean> {
      if ((await limiter.take('sign_in_address', addresses.limitKey(address))).waitMs > 0) return false
      waits.set(request, waitMs)
      return true
    },

    /** Returns the milliseconds until the request's address may make others than such sign-ins; 0 if it may now. */
    waitOf: (request: Request) => waits.get(request) ?? 0,
  }
}
