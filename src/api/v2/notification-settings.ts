import { ChatError, type NotificationSettings } from '../../core/index.ts'
import { parseTime } from '../shared/index.ts'
import type { NotificationsPut } from './wire/index.ts'

/** Returns what a request says of notifications. @throws ChatError `invalid` */
export function notificationSettings({ level, muted_until }: NotificationsPut): NotificationSettings {
  return { level, mutedUntil: muted_until === undefined || muted_until === null ? null : timeOf(muted_until) }
}

function timeOf(text: string): Date {
  const time = parseTime(text)
  if (time !== null) return time
  throw new ChatError('invalid', 'muted_until: must be a time in the form of ISO 8601, or null', {
    field: 'muted_until',
  })
}
