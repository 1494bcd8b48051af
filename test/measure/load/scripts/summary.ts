/* What k6 leaves at the end: its figures as JSON, from which the program prints. */

export function handleSummary(data: unknown): Record<string, string> {
  return { [__ENV.SUMMARY ?? 'summary.json']: JSON.stringify(data) }
}
