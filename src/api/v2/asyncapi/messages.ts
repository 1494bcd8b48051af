import { type TObject, type TProperties, type TSchema, Type, TypeGuard } from '@sinclair/typebox'
import type { Refer } from '../../../server/index.ts'
import { ClientFrame, ResultFrame, ServerFrame } from '../wire/index.ts'
import { answers } from './answers.ts'
import { type Example, requests, results } from './examples.ts'
import { pushed } from './frame-examples.ts'

export interface Message {
  readonly name: string
  readonly description: string
  readonly correlationId?: typeof correlationId
  readonly payload: unknown
  readonly examples: readonly Example<unknown>[]
}

/** Messages by name: `send.request`, `send.result`, and the `type` for other frames of the server. */
export function messagesOf(refer: Refer): Record<string, Message> {
  const message = (
    name: string,
    schema: TSchema,
    examples: readonly Example<unknown>[],
  ): [string, Message] => [
    name,
    {
      name,
      description: schema.description ?? '',
      ...(carriesId(schema) ? { correlationId } : {}),
      payload: refer(schema),
      examples,
    },
  ]
  return Object.fromEntries([
    ...ClientFrame.anyOf.map((schema) => {
      const type = schema.properties.type.const
      return message(requestName(type), schema, requests[type])
    }),
    ...ClientFrame.anyOf.map((schema) => {
      const type = schema.properties.type.const
      return message(resultName(type), resultOf(type), results[type])
    }),
    ...ServerFrame.anyOf.flatMap((schema) =>
      typesOf(schema).flatMap((type) =>
        type === 'result' ? [] : [message(type, ofType(schema, type), pushed[type])],
      ),
    ),
  ])
}

export function requestName(type: ClientFrame['type']): string {
  return `${type}.request`
}

export function resultName(type: ClientFrame['type']): string {
  return `${type}.result`
}

const correlationId = {
  location: '$message.payload#/id',
  description: 'The id of the request, which its response repeats',
}

/** The result frame, with the data for this request. */
function resultOf(type: ClientFrame['type']): TObject {
  const data = answers[type]
  return changed(ResultFrame, { data }, data.description)
}

/** Frames that differ only in their type share a schema. */
function typesOf(schema: ServerSchema): ServerFrame['type'][] {
  const { type } = schema.properties
  return 'const' in type ? [type.const] : type.anyOf.map((literal) => literal.const)
}

function ofType(schema: ServerSchema, type: ServerFrame['type']): TObject {
  if (typesOf(schema).length === 1) return schema
  return changed(schema, { type: Type.Literal(type) }, schema.description)
}

function changed(schema: TObject, properties: TProperties, description = ''): TObject {
  return Type.Object({ ...schema.properties, ...properties }, { description })
}

function carriesId(schema: TSchema): boolean {
  return TypeGuard.IsObject(schema) && 'id' in schema.properties
}

type ServerSchema = (typeof ServerFrame.anyOf)[number]
