import { type Static, Type as t } from '@sinclair/typebox'
import { openApiOf } from './openapi.ts'
import { parse } from './shape.ts'

const Parameter = t.Object({ name: t.String(), in: t.String() })
const Schema = t.Object({
  properties: t.Optional(t.Record(t.String(), t.Unknown())),
  required: t.Optional(t.Array(t.String())),
  minProperties: t.Optional(t.Number()),
})
const Content = t.Object({ content: t.Record(t.String(), t.Object({ schema: Schema })) })
const Operation = t.Object({
  parameters: t.Optional(t.Array(Parameter)),
  requestBody: t.Optional(Content),
  responses: t.Record(t.String(), t.Unknown()),
})
const Document = t.Object({ paths: t.Record(t.String(), t.Record(t.String(), Operation)) })

export interface Route {
  readonly method: string
  /** The path, with its parameters in braces. */
  readonly path: string
  readonly queries: readonly string[]
  /** The fields of the body; null if the route takes none, or a file. */
  readonly fields: readonly string[] | null
  /** Whether all fields may be left out at once, and the body with them. */
  readonly mayBeEmpty: boolean
  /** The documented statuses of its responses. */
  readonly statuses: readonly number[]
  /** Whether it opens a socket. */
  readonly socket: boolean
}

/** Returns every route of the server's OpenAPI document. */
export async function routesOf(app: { url: string }): Promise<Route[]> {
  const { paths } = parse(Document, await openApiOf(app))
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => toRoute(method.toUpperCase(), path, operation)),
  )
}

function toRoute(method: string, path: string, operation: Static<typeof Operation>): Route {
  const json = operation.requestBody?.content['application/json']
  return {
    method,
    path,
    queries: (operation.parameters ?? []).flatMap((p) => (p.in === 'query' ? [p.name] : [])),
    fields: json === undefined ? null : Object.keys(json.schema.properties ?? {}),
    mayBeEmpty: (json?.schema.required ?? []).length === 0 && json?.schema.minProperties === undefined,
    statuses: Object.keys(operation.responses).map(Number),
    socket: /\/ws\/|socket$/.test(path),
  }
}
