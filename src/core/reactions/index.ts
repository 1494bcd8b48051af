/*
 * Reactions to messages. `writer.ts` gathers those to one message, so that many of them make few events.
 */
export { createReactions, type Reacted, type ReactionsDeps } from './reactions.ts'
export { ReactionWriter, type ReactionWriterOptions } from './writer.ts'
