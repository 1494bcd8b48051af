/** What messages carry besides their text. Plain data. */

import type { AttachmentId, UserRef } from './ids.ts'

/**
 * What a message carries besides its text. What it does not have is missing, and a message has at least one or no details at all. Each
 * member has one entry in `core/details/` and one in each contract's table; the compiler names those that are missing.
 */
export interface MessageDetails {
  /** What clients say about the message to each other: a JSON object, as text. */
  readonly metadata?: JsonText
  /** Files. While a message is on its way to the database, only their ids are known. */
  readonly attachments?: readonly (Attachment | AttachmentId)[]
  /** Whom it mentions. */
  readonly mentions?: Mentions
}

/** A file that a member has uploaded to a room. It never changes. */
export interface Attachment {
  readonly id: AttachmentId
  /** A name without a path. */
  readonly name: string
  /** The media type, by the content. */
  readonly type: string
  /** In bytes. */
  readonly size: number
  /** In pixels; null if it is not an image. */
  readonly width: number | null
  readonly height: number | null
  /** A tiny picture to show until the image is loaded, as a `data:` URL; null if it is not an image. */
  readonly placeholder: string | null
  readonly hasThumbnail: boolean
}

/** What each member holds if it is there. Tables with an entry for each member are mapped from it, so that the compiler can pair the two. */
export type DetailValues = { readonly [Name in keyof MessageDetails]-?: NonNullable<MessageDetails[Name]> }

/** A JSON object as text. Clients see the object. */
export type JsonText = string & { readonly __json: true }

/** Changes of a message's details: those to replace, and null for those to remove. What is left out stays. */
export type DetailsChange = {
  readonly [Name in keyof MessageDetails]?: MessageDetails[Name] | null
}

/** A mention of many members at once: of all of them, and of those who are online when the message is sent. */
export type MentionOfMany = 'room' | 'online'

/** Whom a message mentions, as it was when it was sent or last edited: a name that is changed later stays here as it was. */
export interface Mentions {
  /** Members who are named one by one, at most 50. The sender may be among them, and is not counted. */
  readonly users: readonly UserRef[]
  readonly room: boolean
  readonly online: boolean
  /** What was asked for and has no effect, because the room is too large for it. */
  readonly ignored: readonly MentionOfMany[]
}
