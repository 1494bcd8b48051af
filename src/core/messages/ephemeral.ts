import { requireAllowed } from '../access.ts'
import { ChatError, restrained } from '../errors.ts'
import type { MessageDetails, RoomId, UserId, UserRef } from '../model.ts'
import type { BlockRegister, RoomRegister, SendBudget, Signals } from '../ports.ts'
import type { Presence } from '../presence/index.ts'
import { requireVoice } from '../voice.ts'
import { messageProblem } from './message-problem.ts'
import { spend } from './spend.ts'

/** What is said to one member of a room, once. */
export interface Ephemeral {
  /** The member. */
  readonly to: UserId
  readonly body: string
  readonly kind: string
  readonly details: MessageDetails | null
}

export interface EphemeralDeps {
  readonly store: Pick<RoomRegister, 'accessFactsOf'> & Pick<BlockRegister, 'blocks'>
  readonly budget: SendBudget
  readonly signals: Signals
  readonly presence: Pick<Presence, 'online'>
}

/** Messages to one member of a room that are not stored, and have no number. */
export function createEphemeral(
  { store, budget, signals, presence }: EphemeralDeps,
  { maxLength }: { readonly maxLength: number },
) {
  return {
    /**
     * Sends a message to all connections of one member, on every node, at the expense of the budget of sends, which is taken before this
     * returns. It arrives at most once, and not on connections that open later.
     * @returns whether the member is online
     * @throws ChatError `rate_limited`, `invalid` (with `field` `body`, `kind`, `to` or one of the details), `not_found`, `hidden`,
     * `forbidden`, also for members who may not speak
     */
    async tell(room: RoomId, { id, username }: UserRef, { to, ...said }: Ephemeral): Promise<boolean> {
      const problem = spend(budget, { id, username }) ?? messageProblem({ ...said, ...UNKEPT }, maxLength)
      if (problem !== null) throw problem
      const [own = null, other = null] = await store.accessFactsOf([
        { room, user: id },
        { room, user: to },
      ])
      if (own === null) throw new ChatError('not_found', 'Room not found')
      requireAllowed('send', own)
      requireVoice(own)
      if (other === null || other.role === null) {
        throw new ChatError('invalid', 'must be a member of the room', { field: 'to' })
      }
      if (await store.blocks(to, id)) throw restrained('blocked')
      const online = (await presence.online([to])).has(to)
      const sender = { id, username }
      signals.publish({ type: 'ephemeral', roomId: room, to, sender, ...said, at: new Date() })
      return online
    },
  }
}

/** What stored messages have besides. */
const UNKEPT = { clientId: null, replyTo: null }
