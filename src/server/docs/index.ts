/*
 * The documentation that the server hands out.
 */
export { docs } from './docs.ts'
