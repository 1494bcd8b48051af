import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { JsonProblem, readJson } from '../../../server/index.ts'
import { ClientFrame, MAX_BATCH, type RequestId } from '../wire/index.ts'

export type Parsed = { readonly request: ClientFrame } | Malformed

export interface Malformed {
  readonly id: RequestId | null
  readonly problem: string
  readonly field: string | null
}

/** Several requests in one frame, each of them yet to be checked. */
export interface Batch {
  readonly batch: readonly unknown[]
}

/** One check per type, so that an error refers to the type of request that the client meant. */
const checks = new Map<unknown, TypeCheck<(typeof ClientFrame.anyOf)[number]>>(
  ClientFrame.anyOf.map((schema) => [schema.properties.type.const, TypeCompiler.Compile(schema)]),
)

/** Returns what the frame holds, or why it is invalid. @param takesBatches whether it may hold several requests */
export function parseFrame(text: string, takesBatches: boolean): Parsed | Batch {
  let value: unknown
  try {
    value = readJson(text)
  } catch (error) {
    if (error instanceof JsonProblem) return malformed(null, `The frame ${error.message}`, null)
    throw error
  }
  if (!takesBatches || !Array.isArray(value)) return parseRequest(value)
  if (value.length >= 1 && value.length <= MAX_BATCH) return { batch: value }
  return malformed(null, `A frame must have 1 to ${MAX_BATCH} requests`, null)
}

/** Returns the checked request, or why it is invalid. */
export function parseRequest(value: unknown): Parsed {
  if (typeof value !== 'object' || value === null || !('type' in value)) {
    return malformed(null, 'The frame must be a JSON object with a type', 'type')
  }
  const check = checks.get(value.type)
  if (check?.Check(value)) return { request: value }
  const id = idOf(value)
  if (check === undefined)
    return malformed(id, `type: must be one of ${[...checks.keys()].join(', ')}`, 'type')
  const first = check.Errors(value).First()
  const field = first?.path.split('/')[1] ?? ''
  return malformed(id, `${field}: ${first?.message ?? 'is not valid'}`, field)
}

function malformed(id: RequestId | null, problem: string, field: string | null): Malformed {
  return { id, problem, field }
}

/** Returns the frame's id, if it has a valid one. */
function idOf(value: object): RequestId | null {
  if (!('id' in value)) return null
  const { id } = value
  if (typeof id === 'string') return id.length > 0 && id.length <= 64 ? id : null
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : null
}
