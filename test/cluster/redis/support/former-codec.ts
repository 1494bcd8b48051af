import type { RoomId } from '../../../../src/core/index.ts'

/**
 * The decoder of the version before items had one, as it was: during an upgrade its nodes read what this version writes.
 * @returns each item's room, epoch and events; of signals nothing
 */
export function formerDecode(items: string): FormerItem[] {
  const wire: readonly (FormerWire | { readonly s: unknown })[] = JSON.parse(`[${items}]`)
  return wire.flatMap((item) =>
    's' in item
      ? []
      : [{ room: item.r, epoch: item.h, events: item.e.map((event) => fromWire(item.r, event)) }],
  )
}

/** What it reads. */
export interface FormerItem {
  readonly room: RoomId
  readonly epoch: string | undefined
  readonly events: readonly object[]
}

function fromWire(roomId: RoomId, wire: FormerEvent): object {
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

interface FormerWire {
  readonly r: RoomId
  readonly h?: string
  readonly e: readonly FormerEvent[]
}

type FormerEvent =
  | { readonly actor: unknown; readonly at: number }
  | readonly [
      type: string,
      at: number,
      seq: number,
      id: number,
      sender: number,
      username: string,
      clientId: string,
      kind: string,
      body: string,
      replyTo: number | null,
      created: number,
      version: number | null,
      edited: number | null,
      deleted: number | null,
    ]
