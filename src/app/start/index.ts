/*
 * What the process opens when it starts, in the order in which `app.ts` calls it.
 */
export { capacityOf } from './capacity.ts'
export { foldNames } from './fold-names.ts'
export { type Listening, listen } from './listen.ts'
export { openCluster } from './open-cluster.ts'
export { openCore } from './open-core.ts'
export { type OpenFiles, openFileStorage } from './open-file-storage.ts'
export { type MoreProviders, type OpenIdentities, openIdentities } from './open-identities.ts'
export { openSockets, type Sockets } from './open-sockets.ts'
export { openStore } from './open-store.ts'
export { startLine } from './start-line.ts'
