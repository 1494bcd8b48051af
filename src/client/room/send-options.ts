import type { Metadata, NewMentions, Seq } from '../wire.ts'

export interface SendOptions {
  readonly kind?: string
  readonly replyTo?: Seq
  readonly inRoom?: boolean
  readonly metadata?: Metadata
  readonly attachments?: readonly number[]
  readonly mentions?: NewMentions
}

export interface EditOptions {
  readonly metadata?: Metadata | null
  readonly mentions?: NewMentions
}
