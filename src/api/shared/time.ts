/** ISO 8601 in UTC, with milliseconds and `Z`. */
export function isoTime(date: Date): string {
  return date.toISOString()
}
