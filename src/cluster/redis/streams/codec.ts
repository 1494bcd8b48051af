import type {
  DescribedEvent,
  MemberEvent,
  Message,
  MessageEvent,
  RoomEvent,
  RoomId,
  Signal,
} from '../../../core/index.ts'

/** What one entry of a stream holds many of. */
export type Item =
  | {
      readonly room: RoomId
      readonly events: readonly RoomEvent[]
      /** In which epoch of the history they were committed; undefined from a version that does not tell. */
      readonly epoch: string | undefined
    }
  | { readonly signal: Signal }

/**
 * @param epoch in which they were committed
 * @param text after how many characters an item ends and another one begins
 * @returns items that tell of the events in turn
 */
export function encodeEvents(
  room: RoomId,
  events: readonly RoomEvent[],
  epoch: string,
  text: number,
): string[] {
  const items: string[] = []
  let item = ''
  for (const event of events) {
    item += `${item === '' ? '' : ','}${JSON.stringify(toWire(event))}`
    if (item.length < text) continue
    items.push(itemOf(room, epoch, item))
    item = ''
  }
  if (item !== '') items.push(itemOf(room, epoch, item))
  return items
}

function itemOf(room: RoomId, epoch: string, events: string): string {
  return `{"r":${room},"h":"${epoch}","e":[${events}]}`
}

export function encodeSignal(signal: Signal): string {
  return JSON.stringify({ s: signal })
}

/**
 * @param items as they were encoded, with commas between them
 * @param concerns of which rooms the events are wanted
 * @throws SyntaxError or TypeError where they were not encoded here
 */
export function decode(items: string, concerns: (room: RoomId) => boolean): Item[] {
  const wire: WireItem[] = JSON.parse(`[${items}]`)
  return wire.flatMap((item): Item[] => {
    if ('s' in item) return [{ signal: withDates(item.s) }]
    const room = item.r
    return concerns(room)
      ? [{ room, epoch: item.h, events: item.e.map((event) => fromWire(room, event)) }]
      : []
  })
}

/** Messages are most of what goes by, so they go without the names of their parts. */
function toWire(event: RoomEvent): WireEvent {
  if (!('message' in event)) return { ...event, at: event.at.getTime() }
  const { type, seq, message } = event
  return [
    type,
    seq,
    message.seq,
    message.id,
    message.sender.id,
    message.sender.username,
    message.clientId,
    message.kind,
    message.body,
    message.replyTo,
    message.createdAt.getTime(),
    message.versionSeq,
    message.editedAt?.getTime() ?? null,
    message.deletedAt?.getTime() ?? null,
  ]
}

function fromWire(roomId: RoomId, wire: WireEvent): RoomEvent {
  if ('actor' in wire) return { ...wire, at: new Date(wire.at) }
  const [
    type,
    at,
    seq,
    id,
    sender,
    username,
    clientId,
    kind,
    body,
    replyTo,
    created,
    versionSeq,
    edited,
    deleted,
  ] = wire
  return {
    type,
    roomId,
    seq: at,
    message: {
      id,
      roomId,
      seq,
      versionSeq,
      sender: { id: sender, username },
      clientId,
      kind,
      body,
      replyTo,
      createdAt: new Date(created),
      editedAt: edited === null ? null : new Date(edited),
      deletedAt: deleted === null ? null : new Date(deleted),
    },
  }
}

/** JSON has made text of them. */
function withDates(signal: Signal): Signal {
  if (signal.type === 'arrived' || signal.type === 'departed') return { ...signal, at: new Date(signal.at) }
  if (signal.type !== 'presence' || signal.lastSeen === null) return signal
  return { ...signal, lastSeen: new Date(signal.lastSeen) }
}

type WireItem =
  | { readonly s: Signal }
  | { readonly r: RoomId; readonly h?: string; readonly e: readonly WireEvent[] }

type WireEvent =
  | readonly [
      type: MessageEvent['type'],
      at: MessageEvent['seq'],
      seq: Message['seq'],
      id: Message['id'],
      sender: Message['sender']['id'],
      username: string,
      clientId: string,
      kind: string,
      body: string,
      replyTo: Message['replyTo'],
      created: number,
      version: Message['versionSeq'],
      edited: number | null,
      deleted: number | null,
    ]
  | (Omit<MemberEvent, 'at'> & { readonly at: number })
  | (Omit<DescribedEvent, 'at'> & { readonly at: number })
