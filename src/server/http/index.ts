/*
 * Requests: the port that they arrive at, the limits at the edge, bodies, routes, problems.
 */
export { keptBytes, once } from './assets/index.ts'
export { type Bodies, createBodies, JsonProblem, readJson } from './body/index.ts'
export {
  type AddressLimit,
  createAddressLimit,
  createBasePath,
  createEdge,
  type Edge,
  withoutSlash,
} from './edge/index.ts'
export {
  type Certificate,
  createListener,
  type FollowedCertificate,
  followCertificate,
  loadCertificate,
} from './listener/index.ts'
export { createHttp, routePattern } from './routes/index.ts'
