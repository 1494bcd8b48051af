import { swagger } from '@elysiajs/swagger'
import { type AnyElysia, Elysia } from 'elysia'
import manifest from '../../../package.json'
import { SESSION_COOKIE } from '../identity/index.ts'

/**
 * Returns the OpenAPI document of routes. The plugin that writes it gets an application of its own that never listens, since it
 * also adds a page, which loads scripts from another host.
 */
export async function openApi(routes: readonly AnyElysia[]): Promise<unknown> {
  const app = new Elysia()
  for (const some of routes) app.use(some)
  app.use(
    swagger({
      specPath: '/openapi',
      documentation: {
        info: { title: 'Parley', version: manifest.version, description: manifest.description },
        // Relative to the document, so that they hold below any path of a host.
        servers: [{ url: '..', description: 'The server that this document is from' }],
        externalDocs: { description: 'The frames of the v2 socket (AsyncAPI)', url: 'docs/asyncapi.json' },
        components: { securitySchemes },
        security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
      },
    }),
  )
  const response = await app.handle(new Request('http://localhost/openapi'))
  const document: unknown = await response.json()
  // The schemas are JSON Schema, as in OpenAPI 3.1; the plugin says 3.0.3.
  return isObject(document) ? { ...document, openapi: '3.1.0', paths: tidyPaths(document.paths) } : document
}

/** A request needs one of them; routes that need none say `security: []`. */
const securitySchemes = {
  token: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: '`Token 9944…`, as Django REST Framework has it',
  },
  bearer: { type: 'http', scheme: 'bearer' },
  session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'Set by a sign-in' },
} as const

function tidyPaths(paths: unknown): unknown {
  return mapValues(paths, (operations) => mapValues(operations, tidyOperation))
}

function tidyOperation(operation: unknown): unknown {
  if (!isObject(operation)) return operation
  const { parameters, requestBody, responses, ...rest } = operation
  return {
    ...rest,
    ...(Array.isArray(parameters) ? { parameters: parameters.map(tidyParameter) } : {}),
    ...(isObject(requestBody) ? { requestBody: { required: true, ...jsonOnly(requestBody) } } : {}),
    responses: mapValues(responses, (response) =>
      isObject(response) ? { description: describe(response), ...jsonOnly(response) } : response,
    ),
  }
}

/** A parameter has one example, its schema a list of examples. */
function tidyParameter(parameter: unknown): unknown {
  if (!isObject(parameter)) return parameter
  const { examples, ...rest } = parameter
  return Array.isArray(examples) ? { ...rest, example: examples[0] } : rest
}

/**
 * Keeps JSON only: the plugin lists every media type that Elysia can parse, and leaves parts of the schema beside the content. A
 * schema with another media type names it in `x-media-type`.
 */
function jsonOnly(message: Record<string, unknown>): { content?: unknown } {
  const json = isObject(message.content) ? message.content['application/json'] : undefined
  const type = message['x-media-type'] ?? 'application/json'
  return json === undefined ? {} : { content: { [String(type)]: json } }
}

function describe(response: Record<string, unknown>): string {
  return typeof response.description === 'string' ? response.description : 'Done'
}

function mapValues(value: unknown, change: (value: unknown) => unknown): unknown {
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, change(entry)]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
