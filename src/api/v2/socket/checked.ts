import { ChatError, isId, isSeq, type Seq } from '../../../core/index.ts'

/** The schemas have let nothing else through; the compiler is to know it. */
export function checkedId(value: number) {
  if (!isId(value)) throw new ChatError('invalid', 'room: must be an id', { field: 'room' })
  return value
}

export function checkedSeq(value: number): Seq {
  if (!isSeq(value)) throw new ChatError('invalid', 'seq: must be a number of the room', { field: 'seq' })
  return value
}
