const TIME = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/**
 * Reads a time in ISO 8601 with its zone, in one of the years 1 to 9999 in UTC: the database reads no others in this form. A time without
 * a zone would mean another moment on each server.
 * @returns null if it is none
 */
export function parseTime(text: string): Date | null {
  const [, inYear, month, day] = TIME.exec(text) ?? []
  if (day === undefined || Number(day) > daysOf(Number(inYear), Number(month))) return null
  const time = new Date(text)
  const year = time.getUTCFullYear()
  return year >= 1 && year <= 9999 ? time : null
}

/** `Date` reads the 30th of February as a day in March. */
function daysOf(year: number, month: number): number {
  const lastDay = new Date(0)
  lastDay.setUTCFullYear(year, month, 0)
  return lastDay.getUTCDate()
}

/** The last time that was written, since the messages of a batch share theirs, and each is written for the sender and for the room. */
let last = Number.NaN
let text = ''

/** ISO 8601 in UTC, with milliseconds and `Z`. */
export function isoTime(date: Date): string {
  const ms = date.getTime()
  if (ms !== last) {
    text = date.toISOString()
    last = ms
  }
  return text
}
