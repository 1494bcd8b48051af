/* Writes k6's figures as JSON, which the program then prints. */

export function handleSummary(data: unknown): Record<string, string> {
  return { [__ENV.SUMMARY ?? 'summary.json']: JSON.stringify(data) }
}
