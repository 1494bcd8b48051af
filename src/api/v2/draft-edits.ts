import type { DraftEdit } from '../../core/index.ts'
import { seqIn } from './ids.ts'
import type * as wire from './wire/index.ts'

/** Returns what a client has written, as the core takes it. @throws ChatError `invalid` */
export function draftEdit({ text, reply_to, version, edited_ago_ms: agoMs = 0 }: wire.DraftPut): DraftEdit {
  return {
    text,
    replyTo: reply_to === undefined ? null : seqIn('reply_to', reply_to),
    base: version === undefined ? null : seqIn('version', version),
    agoMs,
  }
}
