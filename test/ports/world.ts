import type {
  AccessFacts,
  Batch,
  BatchResult,
  DetailsChange,
  Draft,
  MemberEvent,
  MemberStep,
  Message,
  MessageEvent,
  MessageLog,
  MovedMarks,
  RestraintChange,
  RestraintWritten,
  Role,
  Room,
  RoomKind,
  RulesEvent,
  RulesWanted,
  Store,
  User,
  UserRef,
} from '../../src/core/index.ts'
import { present, seq } from '../core/fakes/values.ts'

export interface StoreUnderTest {
  readonly store: Store
  /** What another node has: a second store on the same database. */
  readonly other: Store
}

/** May give the same stores each time: every suite makes users and rooms of its own. The caller closes them. */
export type MakeStores = () => Promise<StoreUnderTest>

/** Makes the people and rooms that a test needs, under names that no other test has. */
export class World {
  readonly store: Store
  readonly other: Store
  readonly #prefix = crypto.randomUUID().slice(0, 8)
  #made = 0

  constructor({ store, other }: StoreUnderTest) {
    this.store = store
    this.other = other
  }

  name(stem: string): string {
    return `${stem}-${this.#prefix}-${++this.#made}`
  }

  user(): Promise<User> {
    return this.store.createUser(this.name('user'), null, 'open')
  }

  users(count: number): Promise<User[]> {
    return Promise.all(Array.from({ length: count }, () => this.user()))
  }

  async pair(): Promise<[User, User]> {
    return [await this.user(), await this.user()]
  }

  /** A room of the given members, the first of them its owner. */
  async room(members: readonly User[], kind: Exclude<RoomKind, 'direct'> = 'public'): Promise<Room> {
    const [creator = null, ...others] = members
    const plain = { description: '', avatar: '', invited: [] }
    const { room } = await this.store.createRoom({ name: this.name('room'), kind, creator, ...plain })
    for (const user of others) await this.join(room, user)
    return this.now(room)
  }

  /** The room as it is now. */
  async now(room: Room): Promise<Room> {
    return (await this.accessFacts(room, null)).room
  }

  async accessFacts(room: Room, user: UserRef | null): Promise<AccessFacts> {
    return present(await this.store.accessFacts({ id: room.id }, user?.id ?? null))
  }

  join(room: Room, user: UserRef): Promise<MemberEvent> {
    return this.change(room, user, user, 'joined', 'member')
  }

  leave(room: Room, user: UserRef): Promise<MemberEvent> {
    return this.change(room, user, user, 'left', null)
  }

  remove(room: Room, actor: UserRef, user: UserRef): Promise<MemberEvent> {
    return this.change(room, actor, user, 'removed', null)
  }

  /** Changes one membership, and no other, with facts that are right. */
  async change(...step: Parameters<World['changes']>): Promise<MemberEvent> {
    const [event, second] = await this.changes(...step)
    if (second !== undefined) throw new Error('the step has changed another membership, too')
    return present(event)
  }

  /** Changes a membership with facts that are right. */
  async changes(
    room: Room,
    actor: UserRef,
    user: UserRef,
    change: MemberStep['change'],
    role: Role | null,
  ): Promise<readonly MemberEvent[]> {
    const [actorAccess, userAccess] = await Promise.all([
      this.accessFacts(room, actor),
      this.accessFacts(room, user),
    ])
    const step = { change, actor, actorAccess, user, userAccess, role }
    return (await this.store.setMember(step)).events
  }

  /** Invites, with facts that are right. */
  async invite(room: Room, actor: UserRef, ...users: readonly UserRef[]): Promise<readonly MemberEvent[]> {
    return (await this.store.invite(await this.accessFacts(room, actor), actor, users)).events
  }

  /** Ends an invitation, with facts that are right. */
  async uninvite(room: Room, actor: UserRef, user: UserRef): Promise<readonly MemberEvent[]> {
    const actorAccess = await this.accessFacts(room, actor)
    const { invitedBy } = present(await this.store.invitation(room.id, user.id))
    return (await this.store.uninvite({ actor, actorAccess, user, invitedBy: invitedBy.id })).events
  }

  /** Bans, unbans, mutes or unmutes, with facts that are right. */
  async restrain(
    room: Room,
    actor: UserRef,
    user: UserRef,
    change: RestraintChange,
    until: Date | null = null,
  ): Promise<RestraintWritten | null> {
    const [actorAccess, userAccess] = await Promise.all([
      this.accessFacts(room, actor),
      this.accessFacts(room, user),
    ])
    return this.store.restrain({ change, actor, actorAccess, user, userAccess, reason: 'a reason', until })
  }

  /** Changes the rules of a room, with facts that are right. */
  async setRules(room: Room, actor: UserRef, wanted: RulesWanted): Promise<RulesEvent> {
    return this.store.setRules(await this.accessFacts(room, actor), actor, wanted)
  }

  /** Moves one member's marks. */
  async mark(room: Pick<Room, 'id'>, user: UserRef, read: number, delivered = 0): Promise<MovedMarks | null> {
    const marks = { readSeq: seq(read), deliveredSeq: seq(delivered) }
    return (await this.store.moveMarks([{ room: room.id, user: user.id, ...marks }]))[0] ?? null
  }

  draft(room: Pick<Room, 'id'>, sender: UserRef, more: Partial<Draft> = {}): Draft {
    const clientId = this.name('key')
    const body = `body of ${clientId}`
    const plain = { clientId, kind: 'text', body, replyTo: null, inRoom: true, details: null }
    return { roomId: room.id, sender: { id: sender.id, username: sender.username }, ...plain, ...more }
  }

  /** Sends one message a body, in one batch, and reads them back. */
  async send(room: Room, sender: UserRef, ...bodies: string[]): Promise<Message[]> {
    const drafts = bodies.map((body) => this.draft(room, sender, { body }))
    const result = await this.store.append(0, batchOf(drafts))
    const refused = verdictsOf(result).filter((verdict) => verdict !== 'sent')
    if (refused.length > 0) throw new Error(`sends were refused: ${refused}`)
    return Promise.all(result.seqs.map((seq) => this.read(room, { seq })))
  }

  async read(room: Room, at: Parameters<Store['message']>[1]): Promise<Message> {
    return present(await this.store.message(room.id, at))
  }

  /** Edits, or with null deletes, with facts that are right. */
  async revise(
    room: Room,
    actor: UserRef,
    message: Message,
    body: string | null,
    details: DetailsChange | null = null,
  ): Promise<MessageEvent> {
    const access = await this.accessFacts(room, actor)
    return present(await this.store.revise(access, actor.id, message, body, details))
  }

  /** Each store with each of its lanes: what may write at the same time. */
  get lanes(): [MessageLog, number][] {
    return [this.store, this.other].flatMap((log) =>
      Array.from({ length: log.lanes }, (_, lane): [MessageLog, number] => [log, lane]),
    )
  }

  async head(room: Room): Promise<number | undefined> {
    return (await this.store.heads([room.id])).get(room.id)
  }
}

/** The drafts as the committer would group them: rooms ascending, in a room as given. */
export function batchOf(drafts: readonly Draft[]): Batch {
  const rooms = [...new Set(drafts.map((draft) => draft.roomId))].sort((a, b) => a - b)
  const groups = rooms.map((room) => drafts.filter((draft) => draft.roomId === room))
  return { rooms, counts: groups.map((group) => group.length), drafts: groups.flat() }
}

/** The verdicts of a result, spelt out where it says that all were sent. */
export function verdictsOf(result: BatchResult): readonly string[] {
  return result.verdicts ?? result.seqs.map(() => 'sent')
}
