import { ChatError, isSeq, type Seq } from '../../../core/index.ts'

/** What a cursor goes on in; one of another list is refused. */
export type CursorKind =
  | 'users'
  | 'rooms'
  | 'members'
  | 'invitations'
  | 'unread'
  | 'before'
  | 'after'
  | 'changes'
  | 'memberships'

/** Where a list goes on, as a text that says nothing to clients. */
export function cursorOf(kind: CursorKind, at: number): string {
  return encoder.encode(`${kind}:${at}`).toBase64({ alphabet: 'base64url', omitPadding: true })
}

/** @throws ChatError `invalid` for what no cursor of one of the kinds can be */
export function readCursor<Kind extends CursorKind>(text: string, kinds: readonly Kind[]): Cursor<Kind> {
  const [name, digits = ''] = decoded(text).split(':')
  const kind = kinds.find((each) => each === name)
  const at = Number(digits)
  // A number has many spellings, and base64 too: only what was given out is taken back.
  if (kind === undefined || !isSeq(at) || cursorOf(kind, at) !== text) {
    throw new ChatError('invalid', 'cursor: is none of this list', { field: 'cursor' })
  }
  return { kind, at }
}

export interface Cursor<Kind> {
  readonly kind: Kind
  /** The id or number after which, or before which, the list goes on. */
  readonly at: Seq
}

function decoded(text: string): string {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text) ? Buffer.from(text, 'base64url').toString() : ''
}

const encoder = new TextEncoder()
