import { ChatError, isId, isSeq, type RoomId, type Seq } from '../../../core/index.ts'

/** Where a stream of events stands: what its ids hold, so that any node can continue it. */
export interface StreamPosition {
  /** The mark of the history that the numbers are of. */
  readonly epoch: string
  /** Up to which number the client was told of the user's memberships; null if it does not count them. */
  readonly memberships: Seq | null
  /** Up to where each room was sent. */
  readonly rooms: ReadonlyMap<RoomId, Seq>
}

/** The most characters of an id. Proxies take headers of 8,192 bytes at most. Some 600 rooms fit. */
const MOST_TEXT = 4096

/** Returns the position as an id; null if it is too long for one. */
export function positionText({ epoch, memberships, rooms }: StreamPosition): string | null {
  const bytes: number[] = []
  let before = 0
  for (const [room, seq] of [...rooms].sort(([a], [b]) => a - b)) {
    pushNumber(bytes, room - before)
    pushNumber(bytes, seq)
    before = room
    if (bytes.length > MOST_TEXT) return null
  }
  const vector = Uint8Array.from(bytes).toBase64({ alphabet: 'base64url', omitPadding: true })
  const text = `${memberships ?? ''}~${vector}~${epoch}`
  return text.length > MOST_TEXT ? null : text
}

/** @throws ChatError `invalid` if the text is no id of a stream */
export function readPosition(text: string): StreamPosition {
  const [, digits, vector, epoch] = FORM.exec(text.slice(0, MOST_TEXT + 1)) ?? []
  if (digits === undefined || vector === undefined || epoch === undefined) throw notAnId()
  const memberships = digits === '' ? null : Number(digits)
  if (memberships !== null && !isSeq(memberships)) throw notAnId()
  const numbers = readNumbers(Buffer.from(vector, 'base64url'))
  if (numbers.length % 2 !== 0) throw notAnId()
  const rooms = new Map<RoomId, Seq>()
  let room = 0
  for (let at = 0; at < numbers.length; at += 2) {
    room += numbers[at] ?? 0
    const seq = numbers[at + 1] ?? 0
    if (!isId(room) || !isSeq(seq)) throw notAnId()
    rooms.set(room, seq)
  }
  const position = { epoch, memberships, rooms }
  // A position has many spellings: only the one that is issued is accepted.
  if (positionText(position) !== text) throw notAnId()
  return position
}

const FORM = new RegExp(`^(?=.{0,${MOST_TEXT}}$)(\\d{0,16})~([A-Za-z0-9_-]*)~([!-}]{1,100})$`)

/** Seven bits a byte, the lowest first; the highest bit says that more follow. */
function pushNumber(bytes: number[], value: number): void {
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  bytes.push(rest)
}

function readNumbers(bytes: Uint8Array): number[] {
  const numbers: number[] = []
  let [value, weight] = [0, 1]
  for (const byte of bytes) {
    value += (byte % 128) * weight
    weight *= 128
    if (value > Number.MAX_SAFE_INTEGER) throw notAnId()
    if (byte >= 128) continue
    numbers.push(value)
    value = 0
    weight = 1
  }
  if (weight !== 1) throw notAnId()
  return numbers
}

function notAnId(): ChatError {
  return new ChatError('invalid', 'Last-Event-ID: is no id of this stream', { field: 'Last-Event-ID' })
}
