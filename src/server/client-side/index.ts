/*
 * What a client sees of the server: its own address, the scheme, host and path that it asked for, as far as trusted proxies tell them.
 */
export { type Addresses, createAddresses } from './address.ts'
export { type ClientSide, type ClientSides, createClientSides, hasLongHost } from './client-side.ts'
