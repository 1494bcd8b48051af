import { Kind } from '@sinclair/typebox'
import { type AnyElysia, Elysia, ValidationError } from 'elysia'
import { ChatError } from '../../../core/index.ts'
import type { Contract } from '../../contract.ts'
import type { Logger } from '../../observe/index.ts'
import { HttpProblem, problemOf } from '../../problem.ts'
import type { Bodies } from '../body/index.ts'
import { errorResponse } from './error-response.ts'
import { createMethods } from './methods.ts'

/**
 * Puts all contracts into one Elysia application. It does for all of them what they share: it reads bodies, and answers every error
 * in the shape of the contract that the path belongs to. Routes only throw.
 */
export function createHttp(
  contracts: readonly Contract[],
  extra: readonly AnyElysia[],
  log: Logger,
  bodies: Pick<Bodies, 'read'>,
) {
  const methodsOf = createMethods(
    [...contracts.map(({ routes }) => routes), ...extra].flatMap(({ routes }) => routes),
  )
  const uploads = new Set(contracts.flatMap((contract) => contract.uploads ?? []))
  const app = new Elysia({
    aot: true,
    normalize: true,
  })
    .onParse({ as: 'global' }, ({ request, contentType, route }) =>
      uploads.has(route) ? UNREAD : bodies.read(request, contentType),
    )
    .onError({ as: 'global' }, ({ error, code, request, route }) => {
      const path = new URL(request.url).pathname
      const cause = known(error, code)
      const problem = problemOf(cause)
      // The router only knows that there is no such route.
      const methods = problem.kind === 'no_route' ? methodsOf(path) : []
      if (methods.length > 0) return wrongMethod(contracts, path, methods)
      // The route as registered, with `:name` for parameters: their values may be text of a user.
      if (problem.kind === 'fault')
        log.error({ method: request.method, route, err: cause }, 'a request failed')
      return errorResponse(contracts, path, problem)
    })
  for (const { routes } of contracts) {
    for (const { hooks } of routes.routes)
      keepValuesOut([hooks.body, hooks.query, hooks.headers, hooks.response])
    app.use(routes)
  }
  for (const routes of extra) app.use(routes)
  return app
}

/** Stands for the body of an upload, which its handler reads. An object, as contracts expect of bodies. */
const UNREAD = Object.freeze({})

/** The path has only these methods. A contract may have its own status for that, which says nothing of methods then. */
function wrongMethod(contracts: readonly Contract[], path: string, methods: readonly string[]): Response {
  const response = errorResponse(
    contracts,
    path,
    problemOf(new HttpProblem('wrong_method', 'Method not allowed.')),
  )
  if (response.status === 405) response.headers.set('allow', methods.join(', '))
  return response
}

/**
 * Keeps values out of Elysia's errors. Unless the schema has an error text of its own, Elysia writes the whole value into the error,
 * indented, which for a large value takes a hundred times as long as reading it. The answer is made from the first complaint instead.
 */
function keepValuesOut(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return
  // Not enumerable, since the documentation would show it.
  if (Kind in schema) Object.defineProperty(schema, 'error', { value: '' })
  for (const part of Object.values(schema)) keepValuesOut(part)
}

/** Translates Elysia's own errors. */
function known(error: unknown, code: unknown): unknown {
  // Elysia may wrap what a hook throws.
  if (error instanceof Error && (error.cause instanceof ChatError || error.cause instanceof HttpProblem))
    return error.cause
  // Its message and value would quote text of users, so only the field is named.
  if (error instanceof ValidationError && error.type === 'response')
    return new Error(`the response does not match its schema: ${complaint(error.valueError)}`)
  // A path that cannot be decoded matches no route.
  if (error instanceof ValidationError && error.type === 'params')
    return new HttpProblem('no_route', 'Not found.')
  if (error instanceof ValidationError) return notValid(error.type, error.valueError)
  if (code === 'NOT_FOUND') return new HttpProblem('no_route', 'Not found.')
  if (code === 'PARSE') return new ChatError('invalid', 'The body cannot be read')
  if (code === 'INVALID_COOKIE_SIGNATURE') return new ChatError('unauthenticated', 'Invalid cookie.')
  return error
}

/** @param first what is wrong with the part of the request; its value stays out of the text */
function notValid(part: string, first: Complaint | undefined): ChatError {
  if (first === undefined) return new ChatError('invalid', `The ${part} is not valid`)
  const name = nameOf(first)
  if (name === '') return new ChatError('invalid', `The ${part} is not valid: ${first.message}`)
  const where = part === 'body' ? '' : `${part} `
  return new ChatError('invalid', `${where}${name}: ${first.message}`, { field: name.split('.')[0] ?? name })
}

/** Returns the first field that is wrong and what is wrong with it, without its value. */
function complaint(first: Complaint | undefined): string {
  return first === undefined ? 'no field is named' : `${nameOf(first)}: ${first.message}`
}

function nameOf({ path }: Complaint): string {
  return path.replace(/^\//, '').replaceAll('/', '.')
}

interface Complaint {
  /** With a slash before each name. */
  readonly path: string
  readonly message: string
}
