/*
 * From a request to its route, and from an error to an answer in the shape of the route's contract.
 */
export { contractOf, errorResponse } from './error-response.ts'
export { routePattern } from './route-pattern.ts'
export { createHttp } from './routes.ts'
