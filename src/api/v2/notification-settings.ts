import { ChatError, type NotificationSettings } from '../../core/index.ts'
import type { NotificationsPut } from './wire/index.ts'

/** Returns what a request says of notifications. @throws ChatError `invalid` */
export function notificationSettings({ level, muted_until }: NotificationsPut): NotificationSettings {
  return { level, mutedUntil: muted_until === undefined || muted_until === null ? null : timeOf(muted_until) }
}

function timeOf(text: string): Date {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? new Date(text)
    : null
  if (time === null || Number.isNaN(time.getTime()) || time.getUTCFullYear() > 9999) {
    throw new ChatError('invalid', 'muted_until: must be a time in the form of ISO 8601, or null', {
      field: 'muted_until',
    })
  }
  return time
}
