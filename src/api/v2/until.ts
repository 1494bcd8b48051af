import { ChatError, type Until } from '../../core/index.ts'
import type { RestraintPut } from './wire/index.ts'

/** ISO 8601 with a time zone: a time without one would mean another moment on each server. */
const TIME =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})$/

/** Returns a ban or mute as the core wants it. @throws ChatError `invalid` */
export function untilIn({ reason, until = null }: RestraintPut): Until {
  if (until === null) return { reason, until }
  const time = TIME.test(until) ? new Date(until) : new Date(Number.NaN)
  if (!Number.isNaN(time.getTime())) return { reason, until: time }
  throw new ChatError('invalid', 'until: must be a time in ISO 8601 with a time zone, or null', {
    field: 'until',
  })
}
