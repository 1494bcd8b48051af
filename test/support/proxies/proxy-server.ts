export interface ProxyServer {
  /** The URL of the nodes for clients, with the path that they are below. */
  readonly url: string
  /** Resolves to how many nodes it sends requests to; a proxy without health checks sends to all of them. */
  used(): Promise<number>
  output(): string
  remove(): Promise<void>
}

/** Starts a proxy with the configuration of the page on balancers, in front of nodes on loopback. @param nodes their ports */
export type StartProxy = (nodes: readonly number[], mount?: MountPoint) => Promise<ProxyServer>

/** Whether the nodes are served as the whole host, or below the path of the page's example. */
export type MountPoint = 'host' | 'path'

/** The path of that example, without a slash at its end. */
export function pathOf(mount: MountPoint): string {
  return mount === 'host' ? '' : '/chat'
}
