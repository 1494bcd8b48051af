import { detailsLength, detailsOf, storedDetails } from '../details/index.ts'
import { isId, isSeq, type Message, type MessageDetails, type RoomId, type Seq } from '../model.ts'
import { PackedText } from './packed-text.ts'

/**
 * Messages of one room as they were sent, in consecutive places. Kept as numbers and bytes rather than as objects: the last messages of
 * all rooms live so long that every full garbage collection would visit them. Adding a message allocates nothing unless memory grows.
 */
export class PackedMessages {
  #length = 0
  #fields = NO_FIELDS
  readonly #text = new PackedText()

  /** The number of places, empty ones included. */
  get length(): number {
    return this.#length
  }

  /** All memory that is held for text: a test looks for former words in it. */
  get bytes(): Readonly<Uint8Array> {
    return this.#text.bytes
  }

  /** Adds a place with a message that was never changed and is no reply. */
  push({ id, seq, sender, clientId, kind, body, replyTo, details, createdAt }: Message): void {
    const text = this.#text
    const { username } = sender
    const packed = details === null ? '' : storedDetails(details)
    text.reserve(username.length + clientId.length + kind.length + body.length + packed.length)
    const at = this.#add()
    const fields = this.#fields
    fields[at + ID] = id
    fields[at + SEQ] = seq
    fields[at + SENDER] = sender.id
    fields[at + REPLY_TO] = replyTo ?? 0
    fields[at + CREATED_AT] = createdAt.getTime()
    fields[at + TEXT_LENGTH] = details === null ? body.length : body.length + detailsLength(details)
    fields[at + USERNAME] = text.end
    fields[at + CLIENT_ID] = text.write(username)
    fields[at + KIND] = text.write(clientId)
    fields[at + BODY] = text.write(kind)
    fields[at + DETAILS] = text.write(body)
    fields[at + END] = packed === '' ? text.end : text.write(packed)
  }

  /** Adds an empty place. */
  skip(): void {
    const at = this.#add()
    this.#fields.fill(0, at, at + USERNAME)
    this.#fields.fill(this.#text.end, at + USERNAME, at + FIELDS)
  }

  /** Returns a copy of the message in a place; null if the place is empty or does not exist. */
  at(place: number, roomId: RoomId): Message | null {
    if (place < 0 || place >= this.#length || this.#field(place, ID) === 0) return null
    return {
      id: idOf(this.#field(place, ID)),
      roomId,
      seq: idOf(this.#field(place, SEQ)),
      versionSeq: null,
      sender: { id: idOf(this.#field(place, SENDER)), username: this.#read(place, USERNAME, CLIENT_ID) },
      clientId: this.#read(place, CLIENT_ID, KIND),
      kind: this.#read(place, KIND, BODY),
      body: this.#read(place, BODY, DETAILS),
      replyTo: replyOf(this.#field(place, REPLY_TO)),
      details: this.#details(place),
      root: null,
      thread: null,
      inRoom: true,
      createdAt: new Date(this.#field(place, CREATED_AT)),
      editedAt: null,
      deletedAt: null,
    }
  }

  /** Returns the UTF-16 units of the text in a place, as `textOf` counts them; 0 if the place is empty. */
  textLength(place: number): number {
    return this.#field(place, TEXT_LENGTH)
  }

  /** Empties a place. Its words are overwritten. */
  erase(place: number): void {
    this.#text.erase(this.#field(place, USERNAME), this.#field(place, END))
    this.#fields.fill(0, place * FIELDS, place * FIELDS + USERNAME)
  }

  /** Drops the first places and overwrites their words. Gives memory back if little of it is in use afterwards. */
  drop(places: number): void {
    this.#text.dropBefore(places < this.#length ? this.#field(places, USERNAME) : this.#text.end)
    this.#fields.copyWithin(0, places * FIELDS, this.#length * FIELDS)
    this.#length -= places
    const used = this.#length * FIELDS
    if (used * SPARSE < this.#fields.length) this.#fields = this.#fields.slice(0, 2 * used)
  }

  /** Drops all places and their memory. */
  clear(): void {
    this.#length = 0
    this.#fields = NO_FIELDS
    this.#text.clear()
  }

  /** Adds a place. @returns the index of its first number */
  #add(): number {
    const at = this.#length++ * FIELDS
    if (at === this.#fields.length) {
      // Grows by half, so that the cost of a place does not depend on how many there are.
      const fields = new Float64Array(Math.max(at + FIELDS * (this.#length >> 1), FIRST_PLACES * FIELDS))
      fields.set(this.#fields)
      this.#fields = fields
    }
    return at
  }

  #details(place: number): MessageDetails | null {
    const packed = this.#field(place, END) > this.#field(place, DETAILS)
    return packed ? detailsOf(this.#read(place, DETAILS, END)) : null
  }

  #read(place: number, from: number, to: number): string {
    return this.#text.read(this.#field(place, from), this.#field(place, to))
  }

  #field(place: number, field: number): number {
    return this.#fields[place * FIELDS + field] ?? 0
  }
}

/*
 * The numbers of a place: the message's id (0 if the place is empty), number, sender, target and time, the UTF-16 units of its text,
 * the offsets at which the five parts of its text begin, and the offset at which the last of them ends. The details, as text, are the
 * last part; nearly all messages have none, and then it is empty.
 */
const ID = 0
const SEQ = 1
const SENDER = 2
const REPLY_TO = 3
const CREATED_AT = 4
const TEXT_LENGTH = 5
const USERNAME = 6
const CLIENT_ID = 7
const KIND = 8
const BODY = 9
const DETAILS = 10
const END = 11
const FIELDS = 12

/** Most rooms have few messages. Rooms without any share an empty array. */
const FIRST_PLACES = 8
const NO_FIELDS = new Float64Array(0)
/** Memory is given back if less than one in so many places is in use. */
const SPARSE = 4

function idOf(value: number) {
  if (!isId(value)) throw new Error(`a packed message has the id ${value}`)
  return value
}

function replyOf(value: number): Seq | null {
  return value > 0 && isSeq(value) ? value : null
}
