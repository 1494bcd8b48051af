/*
 * Bodies of requests: read within their limits, and JSON that is bounded in depth and size before it is parsed.
 */
export { type Bodies, createBodies } from './body.ts'
export { JsonProblem, readJson } from './json.ts'
