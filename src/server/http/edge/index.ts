/*
 * What every request passes before its route: the limit for its address, the origin, the base path, the body.
 */
export { type AddressLimit, createAddressLimit } from './address-limit.ts'
export { createBasePath, withoutSlash } from './base-path.ts'
export { createEdge, type Edge } from './edge.ts'
export { setUrl } from './request-url.ts'
