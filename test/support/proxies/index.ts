// HAProxy, nginx and Caddy with the configuration of the page on balancers, in front of nodes on loopback.
export { startCaddy } from './caddy.ts'
export { startHaproxy } from './haproxy.ts'
export { startNginx } from './nginx.ts'
export type { MountPoint, ProxyServer, StartProxy } from './proxy-server.ts'
export { pathOf } from './proxy-server.ts'
