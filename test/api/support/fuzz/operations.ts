import { type Static, Type as t } from '@sinclair/typebox'
import { openApiOf } from '../openapi.ts'
import { parse } from '../shape.ts'

const Schema = t.Record(t.String(), t.Unknown())
export type Schema = Static<typeof Schema>

const Parameter = t.Object({
  name: t.String(),
  in: t.Union([t.Literal('path'), t.Literal('query'), t.Literal('header')]),
  required: t.Boolean(),
  example: t.Optional(t.Unknown()),
  schema: Schema,
})
export type Parameter = Static<typeof Parameter>

const Content = t.Record(t.String(), t.Object({ schema: Schema }))
const Operation = t.Object({
  operationId: t.String(),
  parameters: t.Optional(t.Array(Parameter)),
  requestBody: t.Optional(t.Object({ content: Content })),
  responses: t.Record(t.String(), t.Object({ content: t.Optional(Content) })),
})
const Document = t.Object({ paths: t.Record(t.String(), t.Record(t.String(), Operation)) })

export interface Documented {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  /** Null for an operation without a body. */
  readonly body: Schema | null
  /** By status; null for an answer without a body. */
  readonly answers: ReadonlyMap<number, Schema | null>
}

/** Returns the operations that answer at once, in the order of the document: those that open a socket or a stream are left out. */
export async function operationsOf(app: { url: string }): Promise<Documented[]> {
  const { paths } = parse(Document, await openApiOf(app))
  return Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { responses }]) => responses[200]?.content?.['text/event-stream'] === undefined)
        .map(([method, operation]) => documented(method, path, operation)),
    )
    .filter(({ answers }) => !answers.has(101))
}

function documented(method: string, path: string, operation: Static<typeof Operation>): Documented {
  const { operationId, parameters = [], requestBody, responses } = operation
  return {
    id: operationId,
    method: method.toUpperCase(),
    path,
    parameters: parameters.map(withExample),
    body: requestBody === undefined ? null : (schemaIn(requestBody.content) ?? null),
    answers: new Map(
      Object.entries(responses).map(([status, { content }]) => [
        Number(status),
        content === undefined ? null : (schemaIn(content) ?? null),
      ]),
    ),
  }
}

/** A parameter's example stands beside its schema. */
function withExample(parameter: Parameter): Parameter {
  const { example, schema } = parameter
  return example === undefined ? parameter : { ...parameter, schema: { ...schema, examples: [example] } }
}

function schemaIn(content: Static<typeof Content>): Schema | undefined {
  return Object.values(content)[0]?.schema
}
