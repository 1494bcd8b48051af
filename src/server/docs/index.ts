/*
 * The documentation that the server serves.
 */
export { docs } from './docs.ts'
