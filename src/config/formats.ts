import ipaddr from 'ipaddr.js'
import type { Format } from './variable.ts'

export const host: Format = {
  form: 'a host name or an IP address (without brackets or a port)',
  accepts: isHost,
}

// A shell expands `~`, but an environment file does not: a folder named `~` would be created without notice.
export const path: Format = {
  form: 'a path (no ~ at its start, no control characters)',
  accepts: (text) => !/^~|\p{Cc}/u.test(text),
}

export const roomName: Format = {
  form: 'the name of a room (at most 100 characters, not only digits)',
  accepts: (text) => [...text].length <= 100 && !/^[0-9]+$|^\.{1,2}$|\0/.test(text),
}

export const changesOfRooms: Format = {
  form: 'joined, invited, removed, role and described',
  accepts: (text) => /^(joined|invited|removed|role|described)$/.test(text),
}

// Only characters that are never percent-encoded, so that a path has one spelling.
export const basePath: Format = {
  form: 'a path such as /chat or /team/chat (letters, digits and - _ ~ between slashes)',
  accepts: (text) => /^\/([\w~-]+(\/[\w~-]+)*\/?)?$/.test(text),
}

export const postgresUrl: Format = {
  form: 'a URL such as postgres://user:password@host:5432/database (or postgresql://…), with special characters percent-encoded and further hosts after commas; target_session_attrs, if set, must be read-write or primary',
  accepts: isPostgresUrl,
}

export const redisUrl: Format = {
  form: 'a URL such as redis://user:password@host:6379/0, rediss://… for TLS, redis+sentinel://host:26379,host:26379/master or redis+cluster://host:6379,host:6379, with special characters percent-encoded',
  accepts: isRedisUrl,
}

export const keyPrefix: Format = {
  form: 'at most 64 letters, digits and - _ . :',
  accepts: (text) => /^[\w.:-]{1,64}$/.test(text),
}

export const origins: Format = {
  form: 'exact origins such as https://chat.example.com (scheme, host, and the port if it is not the default; no path)',
  accepts: isOrigin,
}

export const publicUrl: Format = {
  form: 'an origin such as https://chat.example.com (http or https, host and any unusual port, nothing after)',
  accepts: (text) => /^https?:/.test(text) && isOrigin(text),
}

// Part of the grammar of RFC 6265.
export const cookieName: Format = {
  form: "a cookie's name (at most 64 letters, digits and - _ .)",
  accepts: (text) => /^[\w.-]{1,64}$/.test(text),
}

export const cookiePath: Format = {
  form: 'a path such as /chat/ (from / on, without blanks and ;)',
  accepts: (text) => /^\/[\w.~%!$&'()*+,=:@/-]*$/.test(text),
}

export const mediaTypes: Format = {
  form: 'media types such as application/pdf or image/*',
  accepts: (text) => /^[a-z]+\/(?:\*|[a-z0-9][a-z0-9.+-]*)$/.test(text),
}

export const httpUrl: Format = {
  form: 'a URL such as https://s3.example.com',
  accepts: (text) => /^https?:\/\/[^/?#]+(?:\/[^?#]*)?$/.test(text) && URL.canParse(text),
}

export const word: Format = {
  form: 'text without blanks',
  accepts: (text) => /^[!-~]{1,256}$/.test(text),
}

export const objectPrefix: Format = {
  form: 'at most 64 letters, digits and - _ . /',
  accepts: (text) => /^[\w./-]{1,64}$/.test(text),
}

export const networks: Format = {
  form: 'IP addresses and CIDR ranges such as 10.0.0.0/8',
  accepts: isNetwork,
}

function isHost(text: string): boolean {
  if (isAddress(text)) return true
  // A name whose last label is a number can only be a wrong IPv4 address: a correct one was accepted above.
  return /^(?=.{1,253}$)([\w-]{1,63}\.)*[\w-]{1,63}$/.test(text) && !/(^|\.)\d+$/.test(text)
}

/** Returns whether the text is an origin as a browser writes it; any other spelling could never match. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || /^(wss?|ftp):$/.test(url.protocol)) return false
  return isHost(url.hostname.replace(/^\[(.*)\]$/, '$1')) && text === `${url.protocol}//${url.host}`
}

/** Accepts IPv4 addresses with four decimal parts only: some parsers take `10` and `010.0.0.1` for addresses, others do not. */
function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)
}

function isNetwork(text: string): boolean {
  return isAddress(text) || ipaddr.IPv4.isValidCIDRFourPartDecimal(text) || ipaddr.IPv6.isValidCIDR(text)
}

/** Is stricter than postgres.js, which fails later and less clearly if a password contains a malformed `%` or a raw `#`. */
function isPostgresUrl(text: string): boolean {
  if (!/^postgres(ql)?:\/\//.test(text) || text.includes('#') || !isPercentEncoded(text)) return false
  const [, start = '', hosts = '', rest = ''] = /^(\w+:\/\/(?:[^/?]*@)?)([^/?@]*)(.*)$/s.exec(text) ?? []
  return hosts.split(',').every((host) => {
    const url = URL.parse(`${start}${host}${rest}`)
    const target = url?.searchParams.get('target_session_attrs') ?? 'read-write'
    // Parley writes, so it must not settle for a read-only server.
    return url !== null && url.hostname !== '' && (target === 'read-write' || target === 'primary')
  })
}

/** Accepts one host and a database number, several hosts and the master's name for Sentinel, or several hosts for Cluster. */
function isRedisUrl(text: string): boolean {
  const [, kind, credentials = '', hosts = '', rest = ''] =
    /^rediss?(\+sentinel|\+cluster)?:\/\/(?:([^@/]*)@)?([^/?#]+)\/?([^/?#]*)$/.exec(text) ?? []
  if (!isPercentEncoded(credentials) || !hosts.split(',').every(isHostAndPort)) return false
  if (kind === '+sentinel') return /^[\w.-]+$/.test(rest)
  if (kind === '+cluster') return rest === ''
  return !hosts.includes(',') && /^\d{0,4}$/.test(rest)
}

function isHostAndPort(text: string): boolean {
  const url = URL.parse(`redis://${text}`)
  return url !== null && url.username === '' && isHost(url.hostname.replace(/^\[(.*)\]$/, '$1'))
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
