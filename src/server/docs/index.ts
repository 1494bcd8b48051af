/*
 * The documentation that the server serves. `openapi.ts` writes the document of the routes, `schemas.ts` the schemas of any document,
 * `shown.ts` tells what documents show of a schema besides what is validated.
 */
export { docs } from './docs.ts'
export { createComponents, type Refer } from './schemas.ts'
export { responseOf, type ShownSettings } from './shown.ts'
