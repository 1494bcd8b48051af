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
