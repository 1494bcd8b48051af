/*
 * What answers an HTTP request: the contracts, the documentation, health and the built-in web client.
 */
export { createContracts } from './contracts.ts'
export { createFront } from './front.ts'
