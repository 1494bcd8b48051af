import type { Attachment, AttachmentId, RoomId, UserId } from '../model.ts'

/** A file as it has just arrived, in a temporary place of this node. */
export interface ReceivedFile {
  /** Where it is, in the words of the ports that read and remove it. */
  readonly path: string
  /** As the client named it; may be anything. */
  readonly name: string
  readonly size: number
}

/** What a file's content says of it. The client's word on it counts for nothing. */
export interface Examined {
  /** The media type; `application/octet-stream` if it is none that is known. */
  readonly type: string
  /** In pixels, as shown: turned as the file asks for it. null if it is no image, or of a kind that is not decoded here. */
  readonly width: number | null
  readonly height: number | null
  /** A tiny picture as a `data:` URL, at most 900 characters; null if it is no image. */
  readonly placeholder: string | null
  /** Where a small picture of it is, as WebP; null if there is none. */
  readonly thumbnail: string | null
}

/** Looks into files, apart from the event loop, within bounds of time and memory. */
export interface Examiner {
  /**
   * @throws ChatError `invalid` with `field` `file` for a damaged image or one of too many pixels, or if it takes too long;
   * `overloaded` if too many wait
   */
  examine(file: ReceivedFile): Promise<Examined>
}

export type Variant = 'original' | 'thumbnail'

/** How a stored file is to be shown to whoever gets it. */
export interface Showing {
  readonly type: string
  /** The value of Content-Disposition. */
  readonly disposition: string
  /** Seconds for which the content may be got. */
  readonly seconds: number
}

/** `here`: this node sends it. `elsewhere`: the client gets it by this URL. */
export type StoredContent =
  | { readonly at: 'here'; readonly content: Blob }
  | { readonly at: 'elsewhere'; readonly url: string }

/**
 * Holds the bytes of attachments, under random keys. Shared by all nodes. Each key's bytes are written once and never change. The rows
 * that tell of them are the register's: a row is written before the bytes, and removed after them.
 */
export interface Contents {
  /**
   * Stores a file, and its thumbnail if it has one. Durable when it resolves. A reader sees all of a file or nothing. The files given are moved
   * or copied, and are the caller's to discard.
   * @throws ChatError `unavailable`: what was stored by then is removed by `remove`
   */
  put(key: string, original: string, thumbnail: string | null, type: string): Promise<void>
  /** Returns where the bytes are; null if there are none under the key. @throws ChatError `unavailable` */
  find(key: string, variant: Variant, showing: Showing): Promise<StoredContent | null>
  /** Removes all bytes of the keys. Does nothing about those that are gone already. @throws ChatError `unavailable`: repeat it */
  remove(keys: readonly string[]): Promise<void>
  /**
   * Returns keys of which there are bytes that are older than `ageMs`: a bounded part of all at each call, and every one of them after
   * some calls.
   */
  sample(ageMs: number): Promise<string[]>
  /** Removes what uploads that were cut have left behind, older than `ageMs`. */
  tidy(ageMs: number): Promise<void>
  /** A place for clients to upload to by themselves; null if this storage has none. */
  readonly incoming: Incoming | null
}

/** Where clients upload to by themselves, before the server looks into what they have uploaded. */
export interface Incoming {
  /** Returns the URL to which the client may `PUT` one file for some seconds. */
  url(key: string, seconds: number): string
  /** Copies what was uploaded to this node. null if there is nothing. @throws ChatError `too_large`, `unavailable` */
  fetch(key: string, mostBytes: number): Promise<{ readonly path: string; readonly size: number } | null>
  remove(key: string): Promise<void>
}

/** Files of this node that are on their way into the storage. */
export interface TemporaryFiles {
  /** Removes the files, those that are gone already included. Never rejects. */
  discard(paths: readonly string[]): Promise<void>
}

/** Seals short texts so that only nodes of this installation can have made the seal. */
export interface Signer {
  sign(text: string): string
  verify(text: string, seal: string): boolean
}

export interface NewAttachment extends Omit<Attachment, 'id'> {
  readonly room: RoomId
  readonly uploader: UserId
  /** Random, and never used again. */
  readonly key: string
}

/** An attachment, and where its bytes are. */
export interface StoredAttachment extends Attachment {
  readonly key: string
}

/** What one user may upload. */
export interface UploadLimits {
  /** Bytes of all attachments that the user has. */
  readonly quotaBytes: number
  /** Bytes and files in an hour, those that are removed again included. */
  readonly bytesPerHour: number
  readonly filesPerHour: number
}

/** `left` is what the user may upload now, in bytes; `waitMs` is above 0 if more may be uploaded later. */
export interface UploadAllowance {
  readonly left: number
  readonly waitMs: number
}

/**
 * The rows of attachments. One is `stored` once its bytes are in the storage, and is sent with one message at most, when the message is
 * appended. Its message's deletion, the end of its room and the lapse of an hour without a message end it: then its bytes are removed, and
 * at last its row.
 */
export interface AttachmentRegister {
  /** Returns the time by the database, in milliseconds since 1970. */
  databaseTime(): Promise<number>
  uploadAllowance(user: UserId, limits: UploadLimits): Promise<UploadAllowance>
  /**
   * Writes the row of an attachment, before its bytes are stored, at the expense of the user's limits.
   * @returns its id; or what the user has left, if that is less
   */
  addAttachment(wanted: NewAttachment, limits: UploadLimits): Promise<AttachmentId | UploadAllowance>
  /** Its bytes are stored: it can be sent. @returns false if it was ended meanwhile */
  storedAttachment(id: AttachmentId): Promise<boolean>
  /** Returns those of the room's attachments that are stored, and either sent or uploaded by the user, by their ids. */
  attachments(room: RoomId, user: UserId, ids: readonly AttachmentId[]): Promise<StoredAttachment[]>
  /** Ends those that were not sent within `ageMs`. @returns how many; at most `limit` */
  lapseAttachments(ageMs: number, limit: number): Promise<number>
  /** Returns some that have ended, whose bytes are to be removed. */
  endedAttachments(limit: number): Promise<{ readonly id: AttachmentId; readonly key: string }[]>
  /** Removes the rows of ended ones. Their uploaders' quotas are free again. */
  forgetAttachments(ids: readonly AttachmentId[]): Promise<void>
  /** Returns those of the keys that have a row. */
  knownContents(keys: readonly string[]): Promise<ReadonlySet<string>>
  /** Returns the installation's secret of this name, which all nodes share. @param fresh what it becomes if there is none yet */
  sharedSecret(name: string, fresh: string): Promise<string>
}
