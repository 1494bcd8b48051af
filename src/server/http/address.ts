import ipaddr from 'ipaddr.js'

export type Addresses = ReturnType<typeof createAddresses>

/**
 * Finds the address of a request's client. `X-Forwarded-For` counts only if the peer is a trusted proxy, and is read from the right:
 * each trusted proxy vouches for the address to its left. A client may have written anything further left.
 * @param trustedProxies addresses or networks in CIDR notation
 */
export function createAddresses(trustedProxies: readonly string[]) {
  const networks = trustedProxies.map(parseNetwork)
  const trusts = (address: ipaddr.IPv4 | ipaddr.IPv6) =>
    networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))

  return {
    /** @param peer the address of the socket's other end */
    client(peer: string, forwardedFor: string | null): string {
      if (networks.length === 0 || forwardedFor === null) return peer
      let at = parse(peer)
      if (at === null || !trusts(at)) return peer
      for (const hop of forwardedFor.split(',').reverse()) {
        const address = parse(hop.trim())
        // The proxy vouches for something unreadable, so the last readable address is the best guess.
        if (address === null) break
        at = address
        if (!trusts(at)) break
      }
      return at.toString()
    },

    /** Returns whether the peer's headers about the original request (scheme, address) count. */
    trusted(peer: string): boolean {
      const address = parse(peer)
      return address !== null && trusts(address)
    },

    /** Returns the key that limits count by: the address, or the /64 of an IPv6 address, since a client owns all of it. */
    limitKey(address: string): string {
      const parsed = parse(address)
      if (parsed === null) return address
      if (parsed.kind() === 'ipv4') return parsed.toString()
      return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`
    },
  }
}

function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  // `process` unwraps IPv4 addresses in the form of IPv6 (::ffff:…).
  return ipaddr.isValid(text) ? ipaddr.process(text) : null
}

function parseNetwork(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (text.includes('/')) return ipaddr.parseCIDR(text)
  const address = ipaddr.process(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}
