import { ChatError, isId, isSeq, type Seq } from '../../core/index.ts'

/*
 * Converts ids and numbers of bodies and frames to the core's types. The schemas have checked them already; this tells the compiler.
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
