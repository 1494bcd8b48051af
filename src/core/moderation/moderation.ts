import { isAbove, requireAllowed } from '../access.ts'
import { ChatError } from '../errors.ts'
import type { RestraintChange, RulesEvent } from '../events/index.ts'
import type { Feed } from '../feed/index.ts'
import { type Announce, spend } from '../messages/index.ts'
import type { AuditEntry, Report, ReportOutcome, Restrained, Seq, UserId, UserRef } from '../model.ts'
import type {
  ModerationRegister,
  PageWanted,
  RestraintKind,
  RoomRegister,
  RulesWanted,
  SendBudget,
  Signals,
  UserRegister,
} from '../ports.ts'
import { accessFactsIn, type RoomRef, retryOnConflict, tellMember } from '../rooms/index.ts'
import { formProblem, lengthProblem } from '../text/index.ts'

/** A ban or a mute as it is wanted. */
export interface Until {
  readonly reason?: string | undefined
  /** null or left out: until it is lifted. */
  readonly until?: Date | null | undefined
}

export interface ModerationDeps {
  readonly store: ModerationRegister & Pick<RoomRegister, 'accessFacts'> & Pick<UserRegister, 'usersById'>
  readonly feed: Feed
  readonly signals: Signals
  readonly budget: SendBudget
  /** Tells the room of a membership that a ban has ended, as of any other. */
  readonly announce: Announce
}

/** The most seconds of slow mode: six hours. */
export const MOST_SLOW_SECONDS = 21_600
/** The most characters (code points) of a reason. */
const REASON = 500

/** What the staff of a room does, and what members report to it. */
export function createModeration({ store, feed, signals, budget, announce }: ModerationDeps) {
  const accessFacts = (ref: RoomRef, user: UserId) => accessFactsIn(store, ref, user)

  /** Returns whether anything was lifted; setting a ban or a mute always changes something. */
  function restrain(
    change: RestraintChange,
    ref: RoomRef,
    actor: UserRef,
    target: UserId,
    { reason = '', until = null }: Until,
  ): Promise<boolean> {
    requireText('reason', reason)
    if (until !== null && !(until.getTime() > Date.now())) {
      throw new ChatError('invalid', 'until must be in the future', { field: 'until' })
    }
    return retryOnConflict(async () => {
      const [actorAccess, userAccess] = await Promise.all([
        accessFacts(ref, actor.id),
        accessFacts(ref, target),
      ])
      requireAllowed('ban', actorAccess)
      const [user] = await store.usersById([target])
      if (user === undefined) throw new ChatError('not_found', 'User not found')
      if (target === actor.id || !isAbove(actorAccess, userAccess)) {
        throw new ChatError('forbidden', 'You may do this to members below you only')
      }
      if (change === 'muted' && userAccess.role === null) {
        throw new ChatError('not_found', 'This user is not a member of the room')
      }
      const { epoch } = feed
      const written = await store.restrain({ change, actor, actorAccess, user, userAccess, reason, until })
      if (written === null) return false
      const { event, ended } = written
      feed.commit(event.roomId, ended === null ? [event] : [ended.event, event], epoch)
      if (ended !== null) {
        announce([ended.event])
        const { roomId, role, type } = ended.event
        tellMember(signals, { roomId, user, change: type, role, actor, seq: ended.number })
      }
      return true
    })
  }

  async function lift(
    change: 'unbanned' | 'unmuted',
    ref: RoomRef,
    actor: UserRef,
    target: UserId,
  ): Promise<void> {
    if (await restrain(change, ref, actor, target, {})) return
    const what = change === 'unbanned' ? 'banned from' : 'muted in'
    throw new ChatError('not_found', `This user is not ${what} the room`)
  }

  async function asStaff(ref: RoomRef, user: UserRef, action: 'ban' | 'audit') {
    const access = await accessFacts(ref, user.id)
    requireAllowed(action, access)
    return access.room.id
  }

  return {
    /**
     * Keeps a user out of a room until the end or until the ban is lifted, and ends a membership or an invitation. Nothing that takes a later
     * number is theirs. An admin may ban members and outsiders, the owner everyone else.
     * @throws ChatError `invalid`, `not_found`, `hidden`, `forbidden`
     */
    async ban(ref: RoomRef, actor: UserRef, target: UserId, until: Until): Promise<void> {
      await restrain('banned', ref, actor, target, until)
    },

    /** @throws ChatError `not_found` also if the user is not banned, and as above */
    unban(ref: RoomRef, actor: UserRef, target: UserId): Promise<void> {
      return lift('unbanned', ref, actor, target)
    },

    /** Lets a member neither send, edit, react nor type, until the end or until the mute is lifted. @throws as `ban` */
    async mute(ref: RoomRef, actor: UserRef, target: UserId, until: Until): Promise<void> {
      await restrain('muted', ref, actor, target, until)
    },

    /** @throws as `unban` */
    unmute(ref: RoomRef, actor: UserRef, target: UserId): Promise<void> {
      return lift('unmuted', ref, actor, target)
    },

    /** Who is banned or muted now, by id; for the staff. @throws ChatError `not_found`, `hidden`, `forbidden` */
    async restrained(
      kind: RestraintKind,
      ref: RoomRef,
      user: UserRef,
      page: PageWanted,
    ): Promise<Restrained[]> {
      return store.restrained(kind, await asStaff(ref, user, 'ban'), page)
    },

    /** Changes who may post, the seconds of slow mode, or both. @throws ChatError `invalid`, `not_found`, `hidden`, `forbidden` */
    setRules(ref: RoomRef, user: UserRef, wanted: RulesWanted): Promise<RulesEvent> {
      const { slowMode = 0 } = wanted
      if (!Number.isInteger(slowMode) || slowMode < 0 || slowMode > MOST_SLOW_SECONDS) {
        throw new ChatError('invalid', `slow_mode must be a whole number from 0 to ${MOST_SLOW_SECONDS}`, {
          field: 'slow_mode',
        })
      }
      return retryOnConflict(async () => {
        const access = await accessFacts(ref, user.id)
        requireAllowed('regulate', access)
        const { epoch } = feed
        const event = await store.setRules(access, user, wanted)
        feed.commit(event.roomId, [event], epoch)
        return event
      })
    },

    /**
     * Reports a message to the room's staff, at the expense of the budget of sends. A user reports a message once.
     * @returns the report's id
     * @throws ChatError `rate_limited`, `invalid`, `not_found`, `hidden`, `forbidden`
     */
    async report(ref: RoomRef, user: UserRef, message: Seq, reason: string): Promise<number> {
      const tooMany = spend(budget, user)
      if (tooMany !== null) throw tooMany
      requireText('reason', reason)
      const access = await accessFacts(ref, user.id)
      requireAllowed('report', access)
      const id = await store.report(access.room.id, message, user.id, reason)
      if (id === null) throw new ChatError('not_found', 'Message not found')
      return id
    },

    /** Reports by id, open ones or all; for the staff. @throws ChatError `not_found`, `hidden`, `forbidden` */
    async reports(ref: RoomRef, user: UserRef, open: boolean, page: PageWanted): Promise<Report[]> {
      return store.reports(await asStaff(ref, user, 'audit'), open, page)
    },

    /** Closes a report; for the staff. @throws ChatError `not_found`, `hidden`, `forbidden` */
    async resolve(ref: RoomRef, user: UserRef, id: number, outcome: ReportOutcome): Promise<Report> {
      const resolved = await store.resolve(await asStaff(ref, user, 'audit'), id, user, outcome)
      if (resolved === null) throw new ChatError('not_found', 'Report not found')
      return resolved
    },

    /** What the staff has done, the latest first; for the staff. @throws ChatError `not_found`, `hidden`, `forbidden` */
    async audit(ref: RoomRef, user: UserRef, page: PageWanted): Promise<AuditEntry[]> {
      return store.audit(await asStaff(ref, user, 'audit'), page)
    },
  }
}

function requireText(field: string, text: string): void {
  const problem = lengthProblem(text, REASON) ?? formProblem(text)
  if (problem !== null) throw new ChatError('invalid', `${field} ${problem}`, { field })
}
