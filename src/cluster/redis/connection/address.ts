/** The address of Redis, and the user to sign in as. */
export interface RedisAddress {
  readonly kind: 'single' | 'sentinel' | 'cluster'
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  /** The number of the database; for Sentinel the name of the master. */
  readonly rest: string
  readonly username: string
  readonly password: string
  readonly tls: boolean
}

/**
 * @param url `redis://` or `rediss://` (TLS), with user and password as in Redis's ACL; `redis+sentinel://host,host/name` for
 * the master of that name; `redis+cluster://host,host` for a Redis Cluster. `rediss+…` with TLS
 */
export function redisAddressOf(url: string): RedisAddress {
  // `URL` accepts a single host only, so the list of hosts is split here.
  const [, scheme = '', credentials = '', hosts = '', rest = ''] =
    /^(rediss?(?:\+sentinel|\+cluster)?):\/\/(?:([^@/]*)@)?([^/?]*)\/?(.*)$/.exec(url) ?? []
  const [username = '', ...password] = credentials.split(':')
  const kind = scheme.includes('+sentinel') ? 'sentinel' : scheme.includes('+cluster') ? 'cluster' : 'single'
  const port = kind === 'sentinel' ? 26_379 : 6379
  return {
    kind,
    hosts: hosts.split(',').map((host) => hostOf(host, port)),
    rest,
    username: decodeURIComponent(username),
    password: decodeURIComponent(password.join(':')),
    tls: scheme.startsWith('rediss'),
  }
}

function hostOf(text: string, usual: number): { host: string; port: number } {
  const { hostname, port } = new URL(`redis://${text}`)
  return { host: hostname.replace(/^\[|\]$/g, '') || '127.0.0.1', port: port === '' ? usual : Number(port) }
}
