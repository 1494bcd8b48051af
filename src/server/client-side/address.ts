import ipaddr from 'ipaddr.js'

/** The most proxies that are followed for one request: those further left could be a client's words, and each takes microseconds. */
const MOST_HOPS = 32

export type Addresses = ReturnType<typeof createAddresses>

/**
 * Finds the address of a request's client. What is forwarded counts only if the peer is a trusted proxy, and is read from the right:
 * each trusted proxy vouches for the address to its left. A client may have written anything further left.
 * @param trustedProxies addresses or networks in CIDR notation
 */
export function createAddresses(trustedProxies: readonly string[]) {
  const networks = trustedProxies.map(parseNetwork)
  const trusts = (address: ipaddr.IPv4 | ipaddr.IPv6) =>
    networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))

  return {
    /**
     * Returns the address without a port or a zone.
     * @param peer the address of the socket's other end
     * @param hops whom each proxy got the request from, the nearest proxy's last: addresses, with or without ports
     */
    client(peer: string, hops: readonly string[]): string {
      let at = parse(peer)
      if (at === null) return peer
      for (const hop of hops.slice(-MOST_HOPS).reverse()) {
        if (!trusts(at)) break
        const address = parse(hop)
        // The proxy vouches for something unreadable, so the last readable address is the best guess.
        if (address === null) break
        at = address
      }
      return at.toString()
    },

    /** Returns whether the peer's headers about the original request count. */
    trusted(peer: string): boolean {
      if (networks.length === 0) return false
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

/** Reads an address, with a port or without. An IPv6 address with a port must be in brackets. */
function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\w*)?$/.exec(text.trim()) ?? []
  // A zone names an interface of the machine that wrote it.
  const bare = (bracketed ?? dotted ?? text.trim()).replace(/%.*$/s, '')
  // ipaddr.js also takes other spellings of IPv4 addresses, such as 0x7f.1.
  if (!ipaddr.IPv6.isValid(bare) && !ipaddr.IPv4.isValidFourPartDecimal(bare)) return null
  // `process` unwraps IPv4 addresses in the form of IPv6 (::ffff:…).
  return ipaddr.process(bare)
}

function parseNetwork(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (text.includes('/')) return ipaddr.parseCIDR(text)
  const address = ipaddr.process(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}
