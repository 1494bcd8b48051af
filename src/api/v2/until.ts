import { ChatError, type Until } from '../../core/index.ts'
import { parseTime } from '../shared/index.ts'
import type { RestraintPut } from './wire/index.ts'

/** Returns a ban or mute as the core wants it. @throws ChatError `invalid` */
export function untilIn({ reason, until = null }: RestraintPut): Until {
  if (until === null) return { reason, until }
  const time = parseTime(until)
  if (time !== null) return { reason, until: time }
  throw new ChatError('invalid', 'until: must be a time in ISO 8601 with a time zone, or null', {
    field: 'until',
  })
}
