import { type Answer, type Ask, ask } from './rest.ts'
import type { Route } from './routes.ts'

/** Asks routes, and gathers what they answer against their document: each kind of finding once. */
export function createJudge(app: { url: string }) {
  const findings = new Map<string, string>()

  return {
    /** @param expected the statuses that are right here; all that are documented where it is left out */
    async ask(route: Route, path: string, options: Ask, expected = route.statuses): Promise<void> {
      const answer = await ask(route.method, app.url + path, options)
      const problem = problemOf(route, answer, expected)
      if (problem === null) return
      const key = `${route.method} ${route.path} ${answer.status}: ${problem}`
      if (!findings.has(key))
        findings.set(key, `${key}; at ${path.slice(0, 60)}: ${answer.text.slice(0, 120)}`)
    },

    findings: (): string[] => [...findings.values()],
  }
}

function problemOf(route: Route, answer: Answer, expected: readonly number[]): string | null {
  if (answer.status >= 500) return 'a fault'
  if (!expected.includes(answer.status)) return `expected ${expected}`
  if (!route.statuses.includes(answer.status)) return 'not documented'
  if (answer.status >= 400 && !isError(answer.json)) return 'not a contract’s error'
  return null
}

/** `{"detail": "…"}` or `{"error": "…"}`, with the framework's exception for forms, or problem details (RFC 9457). */
export function isError(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  if ('status' in body && 'title' in body) return true
  const [[key, value] = [], ...more] = Object.entries(body)
  if (more.length > 0) return false
  if (key === 'non_field_errors') return Array.isArray(value)
  return (key === 'detail' || key === 'error') && typeof value === 'string' && value.length > 3
}
