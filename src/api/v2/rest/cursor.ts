import { ChatError, isSeq, type Seq } from '../../../core/index.ts'

/** The list that a cursor belongs to; a cursor of another list is refused. */
export type CursorKind =
  | 'users'
  | 'rooms'
  | 'members'
  | 'invitations'
  | 'unread'
  | 'before'
  | 'after'
  | 'changes'
  | 'recent'
  | 'memberships'
  | 'reactions'
  | 'pins'
  | 'revisions'
  | 'private'
  | 'drafts'
  | 'search'
  | 'threads'
  | 'mentions'
  | 'saved'
  | 'bans'
  | 'mutes'
  | 'reports'
  | 'audit'
  | 'blocks'

/** Returns the position at which a list continues, as an opaque text. */
export function cursorOf(kind: CursorKind, at: number): string {
  return encoder.encode(`${kind}:${at}`).toBase64({ alphabet: 'base64url', omitPadding: true })
}

/** @throws ChatError `invalid` if the text is not a cursor of one of the kinds */
export function readCursor<Kind extends CursorKind>(text: string, kinds: readonly Kind[]): Cursor<Kind> {
  const [name, digits = ''] = decoded(text).split(':')
  const kind = kinds.find((each) => each === name)
  const at = Number(digits)
  // A number has many spellings, and so has base64: only the spelling that was issued is accepted.
  if (kind === undefined || !isSeq(at) || cursorOf(kind, at) !== text) {
    throw new ChatError('invalid', 'cursor: is none of this list', { field: 'cursor' })
  }
  return { kind, at }
}

export interface Cursor<Kind> {
  readonly kind: Kind
  /** The id or number after or before which the list continues. */
  readonly at: Seq
}

function decoded(text: string): string {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text) ? Buffer.from(text, 'base64url').toString() : ''
}

const encoder = new TextEncoder()
