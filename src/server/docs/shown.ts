import type { TSchema } from '@sinclair/typebox'

/*
 * What the documents show of a schema besides what is validated. Validation passes over these two keywords, and no document has them.
 */

/**
 * Keywords that stand in place of the schema's own: routes read texts themselves, to say in their own words what is wrong. A value
 * `{ setting }` stands for what the operator has set.
 */
const SHOWN = 'x-shown'
/** What `responseOf` adds. */
const RESPONSE = 'x-response'

/** What the operator has set. */
export interface ShownSettings {
  /** Characters that a message may have. */
  readonly maxMessageLength: number
  /** Characters that a password must have. */
  readonly minPasswordLength: number
  /** The session cookie's name. */
  readonly sessionCookie: string
  /** The path below which clients see the server, without a slash at its end. */
  readonly basePath: string
}

export interface Response {
  readonly description: string
  /** One whole body. */
  readonly example?: unknown
  /** `application/json` by default. */
  readonly mediaType?: string
  /** Under which the document has it once, for all routes that answer it. */
  readonly name?: string
}

/** Returns the schema as the body of a response, with what the documents say of it there. */
export function responseOf<Schema extends TSchema>(schema: Schema, response: Response): Schema {
  return { ...schema, [RESPONSE]: response }
}

/** Splits what `responseOf` has put together. A schema that is none of these has only its description. */
export function splitResponse(value: Readonly<Record<string, unknown>>): {
  readonly schema: Readonly<Record<string, unknown>>
  readonly response: Response
} {
  const { [RESPONSE]: response, ...schema } = value
  return isResponse(response)
    ? { schema, response }
    : { schema, response: { description: String(schema.description ?? 'Done') } }
}

/** Returns the keywords that the documents show. @throws Error for a setting that the documents are not given */
export function shownKeywords(
  value: Readonly<Record<string, unknown>>,
  settings: ShownSettings,
): Readonly<Record<string, unknown>> {
  const { [SHOWN]: shown, ...rest } = value
  if (typeof shown !== 'object' || shown === null) return rest
  const known = Object.entries(shown).map(([key, part]) => [key, settingOf(part, settings) ?? part])
  const { type, ...others } = rest
  // A choice has a type in each of its branches.
  return { ...('anyOf' in shown ? others : rest), ...Object.fromEntries(known) }
}

function settingOf(value: unknown, settings: ShownSettings): number | string | null {
  if (typeof value !== 'object' || value === null || !('setting' in value)) return null
  const found = Object.entries(settings).find(([name]) => name === value.setting)
  if (found === undefined) throw new Error(`no such setting: ${value.setting}`)
  return found[1]
}

function isResponse(value: unknown): value is Response {
  return typeof value === 'object' && value !== null && 'description' in value
}
