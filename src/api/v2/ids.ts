import { ChatError, isId, isSeq, type Seq } from '../../core/index.ts'

/*
 * Ids and numbers in bodies and frames. The schemas have let nothing else through; the compiler is to know it.
 */

/** @throws ChatError `invalid` */
export function idIn(field: string, value: number) {
  if (isId(value)) return value
  throw new ChatError('invalid', `${field}: must be an id`, { field })
}

/** @throws ChatError `invalid` */
export function seqIn(field: string, value: number): Seq {
  if (isSeq(value)) return value
  throw new ChatError('invalid', `${field}: must be a number of the room`, { field })
}
