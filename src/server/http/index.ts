/*
 * Requests: listeners, limits at the edge, addresses behind proxies, bodies, problems.
 */
export { type Addresses, createAddresses } from './address.ts'
export { type AddressLimit, createAddressLimit } from './address-limit.ts'
export { createBasePath, withoutSlash } from './base-path.ts'
export { createBodies } from './body.ts'
export { type Certificate, loadCertificate } from './certificate.ts'
export { type ClientSide, type ClientSides, createClientSides } from './client-side.ts'
export { createEdge, type Edge } from './edge.ts'
export { type FollowedCertificate, followCertificate } from './follow-certificate.ts'
export { JsonProblem, readJson } from './json.ts'
export { keptBytes } from './kept-bytes.ts'
export { createListener } from './listener.ts'
export { once } from './once.ts'
export { routePattern } from './route-pattern.ts'
export { createHttp } from './routes.ts'
