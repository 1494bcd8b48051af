import { type AnyElysia, Elysia, ValidationError } from 'elysia'
import { ChatError } from '../core/index.ts'
import { readBody } from './body.ts'
import type { Contract } from './contract.ts'
import type { Logger } from './logger.ts'
import { HttpProblem, problemResponse, toProblem } from './problems.ts'

/**
 * All contracts in one Elysia application. What they share stands here once: how a body is read, and that whatever goes
 * wrong is told in the shape of the contract that the path belongs to. Routes only throw.
 */
export function createHttp(
  contracts: readonly Contract[],
  extra: readonly AnyElysia[],
  log: Logger,
  maxBodyBytes: number,
) {
  const app = new Elysia({
    aot: true,
    normalize: true,
  })
    .onParse({ as: 'global' }, ({ request, contentType }) => readBody(request, contentType, maxBodyBytes))
    .onError({ as: 'global' }, ({ error, code, request, route }) => {
      const path = new URL(request.url).pathname
      const { method } = request
      return problemResponse(contracts, path, toProblem(known(error, code), log, { method, route }))
    })
  for (const contract of contracts) app.use(contract.routes)
  for (const routes of extra) app.use(routes)
  return app
}

/** Elysia's own errors, as ours. */
function known(error: unknown, code: unknown): unknown {
  // What a hook throws may come wrapped.
  if (error instanceof Error && (error.cause instanceof ChatError || error.cause instanceof HttpProblem))
    return error.cause
  // Its message and value would quote what people wrote: the field alone is named.
  if (error instanceof ValidationError && error.type === 'response')
    return new Error(`the response does not match its schema: ${complaint(error)}`)
  // A path that cannot even be decoded leads nowhere.
  if (error instanceof ValidationError && error.type === 'params')
    return new HttpProblem('no_route', 'Not found.')
  if (error instanceof ValidationError) return new ChatError('invalid', describe(error), fieldOf(error))
  if (code === 'NOT_FOUND') return new HttpProblem('no_route', 'Not found.')
  if (code === 'PARSE') return new ChatError('invalid', 'The body cannot be read')
  if (code === 'INVALID_COOKIE_SIGNATURE') return new ChatError('unauthenticated', 'Invalid cookie.')
  return error
}

function describe(error: ValidationError): string {
  const first = firstOf(error)
  const where = error.type === 'body' ? '' : `${error.type} `
  if (first === null) return `The ${error.type} is not valid`
  const name = nameOf(first)
  return name === ''
    ? `The ${error.type} is not valid: ${first.message}`
    : `${where}${name}: ${first.message}`
}

/** The first field that is wrong, and what is wrong with it, without its value. */
function complaint(error: ValidationError): string {
  const first = firstOf(error)
  return first === null ? 'no field is named' : `${nameOf(first)}: ${first.message}`
}

function nameOf({ path }: { readonly path: string }): string {
  return path.replace(/^\//, '').replaceAll('/', '.')
}

function fieldOf(error: ValidationError): { field?: string } {
  const name = firstOf(error)?.path.split('/')[1]
  return name === undefined || name === '' ? {} : { field: name }
}

function firstOf(error: ValidationError): { path: string; message: string } | null {
  const first: unknown = error.all[0]
  if (typeof first !== 'object' || first === null) return null
  const path = 'path' in first && typeof first.path === 'string' ? first.path : ''
  const message = 'message' in first && typeof first.message === 'string' ? first.message : 'is not valid'
  return { path, message }
}
