import { refusalOf } from '../access.ts'
import { ChatError } from '../errors.ts'
import { type MentionsAsked, type MentionsGiven, mentionsAsked } from '../mentions/index.ts'
import type {
  AccessFacts,
  Mentions,
  Message,
  MessageDetails,
  RoomId,
  Seq,
  UserId,
  UserRef,
} from '../model.ts'
import type { Draft } from '../ports.ts'
import type { SendReply } from './send-reply.ts'

/** What a sender wants to say. */
export interface NewMessage {
  readonly body: string
  readonly kind: string
  /** The client's idempotency key; null if it gave none. */
  readonly clientId: string | null
  /** The number of the message in the same room that this one answers. */
  readonly replyTo: Seq | null
  /** What the message carries besides its text; null if nothing. */
  readonly details: MessageDetails | null
  /** false for a reply that is shown in its thread alone; true if left out. */
  readonly inRoom?: boolean | undefined
  /** Whom it mentions; if it is left out, the text says it. */
  readonly mentions?: MentionsGiven | undefined
}

/** What all sends share. */
export interface SendingDeps {
  /** Makes a key for a message whose client gave none. It serves the server's own repetitions. */
  newKey(): string
  /** @throws ChatError `hidden` if the user may not know of the room, `not_found` */
  visible(room: RoomId, user: UserRef): Promise<AccessFacts>
  /** The sender threw when it was told. */
  onFault(error: unknown): void
}

/** One message between its sender and the database. The draft and the reply are one object, to allocate once a message. */
export class Sending<Tag> implements Draft, SendReply {
  readonly roomId: RoomId
  readonly sender: UserRef
  readonly clientId: string
  readonly kind: string
  readonly body: string
  readonly replyTo: Seq | null
  readonly inRoom: boolean
  /** Whom it is to mention; null for nobody. */
  readonly asked: MentionsAsked | null
  details: MessageDetails | null
  reached: readonly UserId[] = nobody
  readonly #reply: SendReply<Tag>
  readonly #tag: Tag
  readonly #deps: SendingDeps

  constructor(
    deps: SendingDeps,
    roomId: RoomId,
    sender: UserRef,
    { body, kind, clientId, replyTo, inRoom = true, details, mentions }: NewMessage,
    reply: SendReply<Tag>,
    tag: Tag,
  ) {
    this.roomId = roomId
    this.sender = sender
    this.clientId = clientId ?? deps.newKey()
    this.kind = kind
    this.body = body
    this.replyTo = replyTo
    this.asked = mentionsAsked(body, mentions)
    this.details = details
    this.inRoom = inRoom
    this.#reply = reply
    this.#tag = tag
    this.#deps = deps
  }

  /** Says whom it mentions, and whom of them `@online` reaches. Called before it is written, each time anew. */
  address(mentions: Mentions | null, reached: readonly UserId[]): void {
    const { mentions: _, ...others } = this.details ?? {}
    const details = mentions === null ? others : { ...others, mentions }
    this.details = Object.keys(details).length === 0 ? null : details
    this.reached = reached
  }

  sent(message: Message): void {
    this.#reply.sent(message, this.#tag)
  }

  /**
   * The database says who may write. Whether they may know of the room is asked only if they may not. It is asked of a room that does
   * not exist, too: otherwise the sooner answer would tell it from a hidden one.
   */
  rejected(error: Error): void {
    const refused = error instanceof ChatError && (error.kind === 'forbidden' || error.kind === 'not_found')
    if (refused) void this.#refuseStranger(error)
    else this.#reply.rejected(error, this.#tag)
  }

  async #refuseStranger(refusal: ChatError): Promise<void> {
    const error = await this.#deps.visible(this.roomId, this.sender).then(
      (access) => refusalOf(refusal, access),
      (hidden: unknown) => (hidden instanceof Error ? hidden : new Error(String(hidden))),
    )
    try {
      this.#reply.rejected(error, this.#tag)
    } catch (fault) {
      this.#deps.onFault(fault)
    }
  }
}

const nobody: readonly UserId[] = []
