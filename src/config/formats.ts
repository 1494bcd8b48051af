import ipaddr from 'ipaddr.js'
import type { Format } from './variable.ts'

export const host: Format = {
  form: 'a host name or an IP address (without brackets or a port)',
  accepts: isHost,
}

// A shell expands `~`, an environment file does not: it would silently make a folder of that name.
export const path: Format = {
  form: 'a path (no ~ at its start, no control characters)',
  accepts: (text) => !/^~|\p{Cc}/u.test(text),
}

export const roomName: Format = {
  form: "a room's name (at most 100 characters, not digits alone)",
  accepts: (text) => [...text].length <= 100 && !/^[0-9]+$|^\.{1,2}$|\0/.test(text),
}

export const postgresUrl: Format = {
  form: 'a URL such as postgres://user:password@host:5432/database (or postgresql://…), special characters in it percent-encoded, further hosts after commas; a target_session_attrs in it must be read-write or primary',
  accepts: isPostgresUrl,
}

export const redisUrl: Format = {
  form: 'a URL such as redis://user:password@host:6379/0, rediss://… for TLS, redis+sentinel://host:26379,host:26379/master or redis+cluster://host:6379,host:6379, special characters in it percent-encoded',
  accepts: isRedisUrl,
}

export const keyPrefix: Format = {
  form: 'at most 64 letters, digits and - _ . :',
  accepts: (text) => /^[\w.:-]{1,64}$/.test(text),
}

export const origins: Format = {
  form: 'exact origins such as https://chat.example.com (scheme, host and any unusual port, nothing after)',
  accepts: isOrigin,
}

export const networks: Format = {
  form: 'IP addresses and CIDR ranges such as 10.0.0.0/8',
  accepts: isNetwork,
}

function isHost(text: string): boolean {
  if (isAddress(text)) return true
  // Where the last label is a number, it can only be meant as an IPv4 address, and that would have been one.
  return /^(?=.{1,253}$)([\w-]{1,63}\.)*[\w-]{1,63}$/.test(text) && !/(^|\.)\d+$/.test(text)
}

/** A browser sends an origin in exactly one spelling, so any other spelling could never match. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || /^(wss?|ftp):$/.test(url.protocol)) return false
  return isHost(url.hostname.replace(/^\[(.*)\]$/, '$1')) && text === `${url.protocol}//${url.host}`
}

/** `10` and `010.0.0.1` are addresses to some parsers and not to others, hence four decimal parts only. */
function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)
}

function isNetwork(text: string): boolean {
  return isAddress(text) || ipaddr.IPv4.isValidCIDRFourPartDecimal(text) || ipaddr.IPv6.isValidCIDR(text)
}

/** Stricter than postgres.js, which fails later and less clearly on a malformed `%` or a raw `#` in a password. */
function isPostgresUrl(text: string): boolean {
  if (!/^postgres(ql)?:\/\//.test(text) || text.includes('#') || !isPercentEncoded(text)) return false
  const [, start = '', hosts = '', rest = ''] = /^(\w+:\/\/(?:[^/?]*@)?)([^/?@]*)(.*)$/s.exec(text) ?? []
  return hosts.split(',').every((host) => {
    const url = URL.parse(`${start}${host}${rest}`)
    const target = url?.searchParams.get('target_session_attrs') ?? 'read-write'
    // Each server must take writes in the end.
    return url !== null && url.hostname !== '' && (target === 'read-write' || target === 'primary')
  })
}

/** One host, or several after Sentinel's and Cluster's schemes; a database's number, or for Sentinel the master's name. */
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
