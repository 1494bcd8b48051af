export interface ProxyServer {
  /** Where clients find the nodes, with the path that they are below. */
  readonly url: string
  /** Resolves to how many nodes it sends requests to; one that asks nobody sends to all of them. */
  used(): Promise<number>
  output(): string
  remove(): Promise<void>
}

/** Starts a proxy with the configuration of the page on balancers, in front of nodes on loopback. @param nodes their ports */
export type StartProxy = (nodes: readonly number[], mount?: MountPoint) => Promise<ProxyServer>

/** Where clients see the nodes: as the whole host, or below the path that the page has as its example. */
export type MountPoint = 'host' | 'path'

/** The path of that example, without a slash at its end. */
export function pathOf(mount: MountPoint): string {
  return mount === 'host' ? '' : '/chat'
}
