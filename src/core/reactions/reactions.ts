import { refusalOf, requireAllowed } from '../access.ts'
import { ChatError } from '../errors.ts'
import type { Feed } from '../feed/index.ts'
import { spend } from '../messages/index.ts'
import type { RoomId, Seq, UserReaction, UserRef } from '../model.ts'
import type { Clock, MessageLog, PageWanted, ReactionLog, RoomRegister, SendBudget } from '../ports.ts'
import { accessFactsIn, type RoomRef, type Rooms } from '../rooms/index.ts'
import { reactionName } from '../text/index.ts'
import { ReactionWriter, type ReactionWriterOptions } from './writer.ts'

export interface ReactionsDeps {
  readonly store: ReactionLog & Pick<MessageLog, 'message'> & Pick<RoomRegister, 'accessFacts'>
  readonly feed: Feed
  readonly clock: Clock
  readonly budget: SendBudget
  readonly rooms: Pick<Rooms, 'visible'>
}

/** A user's reaction to a message, as it is once the request is done. */
export interface Reacted {
  readonly reaction: string
  readonly on: boolean
  /** The room's number from which on it is shown. */
  readonly shownAt: Seq
}

export type ReactionUses = ReturnType<typeof createReactions>

/** Reactions to messages: adding and removing one's own, and who has reacted. */
export function createReactions(deps: ReactionsDeps, options: ReactionWriterOptions) {
  const { store, feed, clock, budget, rooms } = deps
  const writer = new ReactionWriter(store, clock, feed, options)

  /** The database says who may react. Whether they may know of the room is asked only if they may not, as for sends. */
  async function written(
    room: RoomId,
    user: UserRef,
    message: Seq,
    reaction: string,
    on: boolean,
  ): Promise<Seq> {
    try {
      return await writer.write(room, { message, user: user.id, reaction, on })
    } catch (error) {
      const refused = error instanceof ChatError && (error.kind === 'forbidden' || error.kind === 'not_found')
      if (refused) throw refusalOf(error, await rooms.visible({ id: room }, user.id))
      throw error
    }
  }

  return {
    /**
     * Adds or removes one of the user's reactions to a message, at the expense of the budget of sends, which is taken before this returns.
     * Does nothing if it is so already. Resolves once it is durable. Others are told with the next event about the message's reactions.
     * @throws ChatError `rate_limited`, `invalid` (with `field` `reaction`), `not_found`, `hidden`, `forbidden`, `conflict` at a limit,
     * `overloaded`, `unavailable`
     */
    async react(room: RoomId, user: UserRef, message: Seq, wanted: string, on: boolean): Promise<Reacted> {
      const tooMany = spend(budget, user)
      if (tooMany !== null) throw tooMany
      const reaction = requireName(wanted)
      return { reaction, on, shownAt: await written(room, user, message, reaction, on) }
    },

    /**
     * Who reacts to a message, in the order of time, for those who may read the room.
     * @param wanted one reaction; null for all
     * @param page after which reaction's id
     * @throws ChatError `invalid`, `not_found`, `hidden`, `forbidden`
     */
    async to(
      ref: RoomRef,
      user: UserRef,
      message: Seq,
      wanted: string | null,
      page: PageWanted,
    ): Promise<UserReaction[]> {
      const reaction = wanted === null ? null : requireName(wanted)
      const access = await accessFactsIn(store, ref, user.id)
      requireAllowed('read', access)
      const found = await store.message(access.room.id, { seq: message })
      if (found === null || found.deletedAt !== null) throw new ChatError('not_found', 'Message not found')
      return store.reactionsTo(access.room.id, message, reaction, page)
    },

    close: () => writer.close(),
  }
}

function requireName(text: string): string {
  const found = reactionName(text)
  if ('name' in found) return found.name
  throw new ChatError('invalid', `reaction ${found.problem}`, { field: 'reaction' })
}
