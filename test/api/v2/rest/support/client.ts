import { expect } from 'bun:test'
import type { Static, TSchema } from '@sinclair/typebox'
import { type ErrorCode, ProblemDetails } from '../../../../../src/api/v2/wire/index.ts'
import type { TestApp } from '../../../../support/app.ts'
import { type Answer, ask } from '../../../support/rest.ts'
import { exactly } from '../../support/exact-shape.ts'

interface Speaker {
  readonly token: string
}

/** A request of the contract, in somebody's name or in nobody's. @param path after the prefix */
export function call(
  app: Pick<TestApp, 'url'>,
  who: Speaker | null,
  method: string,
  path: string,
  json?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return ask(method, `${app.url}/api/v2${path}`, {
    headers,
    ...(json === undefined ? {} : { json }),
    ...(who === null ? {} : { token: who.token }),
  })
}

/** The body where the status is the expected one, and the body exactly what the wire's schema says. */
export function bodyOf<T extends TSchema>(answer: Answer, status: number, schema: T): Static<T> {
  if (answer.status !== status)
    throw new Error(`expected ${status}, but got ${answer.status} ${answer.text.slice(0, 500)}`)
  return exactly(schema).parse(answer.json)
}

/** A request and what it is answered with. */
export async function get<T extends TSchema>(
  app: Pick<TestApp, 'url'>,
  who: Speaker,
  path: string,
  schema: T,
): Promise<Static<T>> {
  return bodyOf(await call(app, who, 'GET', path), 200, schema)
}

export function expectDone(answer: Answer): void {
  expect([answer.status, answer.text]).toEqual([204, ''])
}

export function expectProblem(
  answer: Answer,
  status: number,
  code: ErrorCode,
  more: Partial<ProblemDetails> = {},
): ProblemDetails {
  expect([answer.status, answer.text]).toEqual([status, expect.anything()])
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const problem = exactly(ProblemDetails).parse(answer.json)
  expect(problem).toMatchObject({ type: `urn:parley:problem:${code}`, status, code, ...more })
  const retryable = ['rate_limited', 'slow_mode', 'overloaded', 'unavailable'].includes(code)
  expect(problem.retryable).toBe(retryable)
  expect(problem.title.length).toBeGreaterThan(3)
  expect(problem.detail.length).toBeGreaterThan(3)
  return problem
}
