/*
 * What is said in a room: sending in batches, editing, deleting, reading. `sends.ts` is the one way to send.
 */
export { addressed } from './addressing.ts'
export type { CommittedEvents } from './committed-events.ts'
export { Committer } from './committer.ts'
export type { CommitterOptions } from './committer-options.ts'
export { createEphemeral, type Ephemeral } from './ephemeral.ts'
export { createMessages, type MessagesOptions } from './messages.ts'
export type { SendReply } from './send-reply.ts'
export type { NewMessage } from './sending.ts'
export { spend } from './spend.ts'
export { type Announce, type AnnouncedChange, announcedChanges, createAnnounce } from './system-messages.ts'
export { createWaits } from './waits.ts'

export { watchWrites } from './write-health.ts'
