import type { WireMessage } from './wire.ts'

/** One message that a client sent. Its text is unique, so that it can be recognised everywhere. */
export interface Sending {
  readonly room: string
  readonly sender: string
  /** What it was sent through. Through one socket, order is promised; requests of which one awaits the other count as one way, too. */
  readonly way: string
  readonly text: string
  /** Whether it was acknowledged: with 200, or by its frame on the sender's socket. */
  acked: boolean
}

/** The messages that one connection received. */
export interface Viewing {
  readonly room: string
  readonly viewer: string
  /** How many messages the history frame had; null if none arrived. */
  history: number | null
  /** Those of the history first. */
  readonly messages: WireMessage[]
  /** Whether it was still open when the last message had been sent. */
  stayed: boolean
}

export interface Evidence {
  /** In the order in which each sender sent. */
  readonly sendings: readonly Sending[]
  readonly viewings: readonly Viewing[]
  /** Each room's messages, in the order in which they are stored. */
  readonly stored: ReadonlyMap<string, readonly WireMessage[]>
}

/**
 * Checks what must hold after any faults: every acknowledged message is stored, every stored one was sent, once;
 * messages that a client sent through one way, or after an acknowledgement, are stored in the order of sending;
 * and every connection received one stretch of the stored messages, without a gap, to the end if it stayed connected.
 *
 * @returns violations, one sentence each; empty if everything holds
 */
export function judge({ sendings, viewings, stored }: Evidence): string[] {
  const place = new Map<string, number>()
  return [
    ...judgeStored(sendings, stored, place),
    ...judgeOrder(sendings, place),
    ...viewings.flatMap((viewing) => judgeViewing(viewing, stored.get(viewing.room) ?? [])),
  ]
}

/** @param place is filled with each text's place among its room's messages */
function judgeStored(
  sendings: readonly Sending[],
  stored: Evidence['stored'],
  place: Map<string, number>,
): string[] {
  const wrong: string[] = []
  const sent = new Map(sendings.map((sending) => [sending.text, sending]))
  if (sent.size < sendings.length) wrong.push('the test sent one text twice')
  const ids = new Set<string>()
  for (const [room, messages] of stored) {
    for (const [index, message] of messages.entries()) {
      const sending = sent.get(message.content)
      if (place.has(message.content)) wrong.push(`${message.content} is stored twice`)
      if (ids.has(message.id)) wrong.push(`the id ${message.id} is given twice`)
      if (sending === undefined) wrong.push(`${message.content} is stored, but nobody sent it`)
      else if (sending.room !== room || message.room_id !== room || message.user_id !== sending.sender)
        wrong.push(`${message.content} is stored as ${message.user_id}'s in room ${message.room_id}`)
      place.set(message.content, index)
      ids.add(message.id)
    }
  }
  for (const { acked, text } of sendings) {
    if (acked && !place.has(text)) wrong.push(`${text} was acknowledged, but is not stored`)
  }
  return wrong
}

function judgeOrder(sendings: readonly Sending[], place: ReadonlyMap<string, number>): string[] {
  const wrong: string[] = []
  const last = new Map<string, Sending>()
  for (const sending of sendings) {
    const { room, sender, way, acked } = sending
    const at = place.get(sending.text)
    if (at === undefined) continue
    // What was lost on its way to a client may come late, so between two ways only acknowledged messages are compared.
    for (const line of acked
      ? [`${room} ${sender}`, `${room} ${sender} ${way}`]
      : [`${room} ${sender} ${way}`]) {
      const before = last.get(line)
      if (before !== undefined && (place.get(before.text) ?? 0) > at)
        wrong.push(`${before.text} was sent before ${sending.text}, but is stored after it`)
      last.set(line, sending)
    }
  }
  return wrong
}

function judgeViewing(viewing: Viewing, stored: readonly WireMessage[]): string[] {
  const { room, messages } = viewing
  const viewer = `${viewing.viewer} in room ${room}`
  if (viewing.history === null) {
    return messages.length > 0 || viewing.stayed ? [`${viewer} was not shown the history first`] : []
  }
  // A history that is not full has everything, so what follows it begins at the room's beginning.
  const start = viewing.history < HISTORY ? 0 : stored.findIndex(({ id }) => id === messages[0]?.id)
  if (start === -1) return [`${viewer} was first shown ${messages[0]?.content}, which is not stored`]
  const odd = messages.findIndex((message, index) => !isSame(message, stored[start + index]))
  if (odd !== -1)
    return [`${viewer} was shown ${messages[odd]?.content} in the place of ${stored[start + odd]?.content}`]
  const missing = stored.length - start - messages.length
  return viewing.stayed && missing > 0 ? [`${viewer} was not shown the last ${missing} messages`] : []
}

function isSame(shown: WireMessage, stored: WireMessage | undefined): boolean {
  return (
    stored !== undefined &&
    shown.id === stored.id &&
    shown.content === stored.content &&
    shown.user_id === stored.user_id &&
    shown.room_id === stored.room_id &&
    shown.type === stored.type &&
    shown.created_at === stored.created_at
  )
}

/** Messages in a history frame, where the room has as many. */
const HISTORY = 50
