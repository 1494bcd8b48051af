import { isRecord, type Refer, recordOf } from './schemas.ts'
import { splitResponse } from './shown.ts'

/**
 * Returns an operation with references in place of the schemas and responses that have names, and with JSON as the one media type of
 * bodies, except for a route that takes a form only: the plugin lists all that the framework can parse.
 * @param operation as the plugin writes it
 */
export function namedOperation(
  operation: Readonly<Record<string, unknown>>,
  refer: Refer,
  /** Gets the responses that have names. */
  named: Record<string, unknown>,
): Record<string, unknown> {
  const { parameters, requestBody, responses, ...rest } = operation
  const listed = Array.isArray(parameters) ? parameters.map(recordOf).toSorted(byPlace) : []
  const body = schemaOf(requestBody)
  return {
    ...rest,
    ...(listed.length === 0 ? {} : { parameters: listed.map((each) => namedParameter(each, refer)) }),
    ...(body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { [mediaTypeOf(requestBody)]: { schema: refer(body) } } },
        }),
    responses: Object.fromEntries(
      Object.entries(recordOf(responses)).map(([status, response]) => [
        status,
        namedResponse(recordOf(response), refer, named),
      ]),
    ),
  }
}

/** The plugin writes parts of a parameter's schema beside it. They are put together first, since names are given to whole schemas. */
function namedParameter(parameter: Readonly<Record<string, unknown>>, refer: Refer) {
  const { description, examples, schema, ...where } = parameter
  const whole = recordOf(refer({ ...recordOf(schema), description, examples }))
  const { description: about, examples: list, ...rest } = whole
  return {
    ...where,
    ...(about === undefined ? {} : { description: about }),
    // A parameter has one example, its schema a list of them.
    ...(Array.isArray(list) ? { example: list[0] } : {}),
    schema: rest,
  }
}

const PLACES: readonly unknown[] = ['path', 'query', 'header']

function byPlace(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): number {
  return PLACES.indexOf(a.in) - PLACES.indexOf(b.in)
}

/** The plugin moves most keywords of an object's schema from the content to the response. They are put together first. */
function namedResponse(
  written: Readonly<Record<string, unknown>>,
  refer: Refer,
  named: Record<string, unknown>,
) {
  const { content, ...moved } = written
  const body = schemaOf(written)
  const { schema, response } = splitResponse({ ...moved, ...body })
  const { description, mediaType = 'application/json', example, name } = response
  if (body === undefined) return { description }
  const shown = { schema: refer(schema), ...(example === undefined ? {} : { example }) }
  const told = { description, content: { [mediaType]: shown } }
  if (name === undefined) return told
  named[name] ??= told
  return { $ref: `#/components/responses/${name}` }
}

/** Returns the media type of a request's body: JSON, unless the route names one type alone. */
function mediaTypeOf(message: unknown): string {
  const [first = 'application/json', ...others] = Object.keys(recordOf(recordOf(message).content))
  return others.length === 0 ? first : 'application/json'
}

/** Returns the schema of a body, which is the same for every media type, or `undefined` if there is no body. */
function schemaOf(message: unknown): Record<string, unknown> | undefined {
  const [first] = Object.values(recordOf(recordOf(message).content))
  const { schema } = recordOf(first)
  return isRecord(schema) ? schema : undefined
}
