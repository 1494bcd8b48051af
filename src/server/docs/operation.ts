import { isRecord, type Refer } from './schemas.ts'
import { splitResponse } from './shown.ts'

/** A route as the router knows it. */
export interface Route {
  readonly method: string
  /** With `:name` for parameters. */
  readonly path: string
  /** The schemas of its parts and `detail`, what is said of it. */
  readonly hooks: unknown
}

/** Returns the path as OpenAPI writes it: parameters in braces, and no slash at its end, which is optional everywhere. */
export function pathOf({ path }: Route): string {
  return path.replaceAll(/:([^/]+)/g, '{$1}').replace(/(?<=.)\/$/, '')
}

/** Returns the tags of routes, each once. */
export function tagsOf(routes: readonly Route[]): string[] {
  const tags = routes.flatMap(({ hooks }) => recordOf(recordOf(hooks).detail).tags ?? [])
  return [...new Set(tags.map(String))]
}

/** Returns the operation of a route. */
export function operationOf(
  { hooks }: Route,
  refer: Refer,
  /** Gets the responses that have names. */
  named: Record<string, unknown>,
): Record<string, unknown> {
  const { detail, params, query, headers, body, response } = recordOf(hooks)
  const parameters = [
    ...parametersIn('path', params, refer),
    ...parametersIn('query', query, refer),
    ...parametersIn('header', headers, refer),
  ]
  return {
    ...recordOf(detail),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: refer(body) } } } }),
    responses: Object.fromEntries(
      Object.entries(recordOf(response)).map(([status, schema]) => [
        status,
        responseIn(recordOf(schema), refer, named),
      ]),
    ),
  }
}

function parametersIn(place: 'path' | 'query' | 'header', schema: unknown, refer: Refer) {
  const { properties, required } = recordOf(schema)
  return Object.entries(recordOf(properties)).map(([name, property]) => {
    const { description, examples, ...rest } = recordOf(refer(property))
    return {
      name,
      in: place,
      required: Array.isArray(required) && required.includes(name),
      ...(description === undefined ? {} : { description }),
      // A parameter has one example, its schema a list of them.
      ...(Array.isArray(examples) ? { example: examples[0] } : {}),
      schema: rest,
    }
  })
}

function responseIn(value: Readonly<Record<string, unknown>>, refer: Refer, named: Record<string, unknown>) {
  const { schema, response } = splitResponse(value)
  const { description, mediaType = 'application/json', example, name } = response
  if (schema.type === 'void') return { description }
  const shown = { schema: refer(schema), ...(example === undefined ? {} : { example }) }
  const told = { description, content: { [mediaType]: shown } }
  if (name === undefined) return told
  named[name] ??= told
  return { $ref: `#/components/responses/${name}` }
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}
