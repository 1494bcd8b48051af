/*
 * The documentation that the server serves. `openapi.ts` makes the document of the routes: the framework's plugin (`plugin.ts`) writes
 * their operations, `operation.ts` names the schemas in them. `schemas.ts` writes the schemas of any document, `shown.ts` tells what
 * documents show of a schema besides what is validated.
 */
export { docs } from './docs.ts'
export { createComponents, type Refer } from './schemas.ts'
export { responseOf, type ShownSettings } from './shown.ts'
