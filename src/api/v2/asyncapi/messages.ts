import { type TObject, type TProperties, type TSchema, Type, TypeGuard } from '@sinclair/typebox'
import type { Refer } from '../../../server/index.ts'
import { ClientFrame, FrameBatch, RequestBatch, ResultFrame, ServerFrame } from '../wire/index.ts'
import { answers } from './answers.ts'
import { frameBatches, requestBatches } from './batch-examples.ts'
import type { Example } from './example-types.ts'
import { requests } from './examples.ts'
import { pushed } from './frame-examples.ts'
import { results } from './result-examples.ts'

export interface Message {
  readonly name: string
  readonly description: string
  readonly correlationId?: typeof correlationId
  readonly payload: unknown
  readonly examples: readonly Example<unknown>[]
}

/** The names of the messages that hold several frames. */
export const REQUEST_BATCH = 'batch.request'
export const FRAME_BATCH = 'batch'

/** What one message carries. */
interface Payload {
  readonly schema: TSchema
  readonly examples: readonly Example<unknown>[]
}

/** Returns the schema of each message whose payload is a narrower form of a frame of the wire, under a name of its own. */
export function payloadSchemas(): Record<string, TSchema> {
  return Object.fromEntries(
    Object.entries(payloads()).map(([name, { schema }]) => [schemaName(name), schema]),
  )
}

/** Messages by name: `send.request`, `send.result`, and the `type` for other frames of the server. */
export function messagesOf(refer: Refer): Record<string, Message> {
  return Object.fromEntries(
    Object.entries(payloads()).map(([name, { schema, examples }]) => [
      name,
      {
        name,
        description: schema.description ?? '',
        ...(carriesId(schema) ? { correlationId } : {}),
        payload: refer(schema),
        examples,
      },
    ]),
  )
}

function payloads(): Record<string, Payload> {
  return Object.fromEntries([
    ...ClientFrame.anyOf.map((schema): [string, Payload] => {
      const type = schema.properties.type.const
      return [requestName(type), { schema, examples: requests[type] }]
    }),
    ...ClientFrame.anyOf.map((schema): [string, Payload] => {
      const type = schema.properties.type.const
      return [resultName(type), { schema: resultOf(type), examples: results[type] }]
    }),
    ...ServerFrame.anyOf.flatMap((schema) =>
      typesOf(schema).flatMap((type): [string, Payload][] =>
        type === 'result' ? [] : [[type, { schema: ofType(schema, type), examples: pushed[type] }]],
      ),
    ),
    [REQUEST_BATCH, { schema: RequestBatch, examples: requestBatches }],
    [FRAME_BATCH, { schema: FrameBatch, examples: frameBatches }],
  ])
}

/** `SendResult` for `send.result`, `EditedFrame` for `edited`. */
function schemaName(message: string): string {
  const words = message.includes('.') ? message.split('.') : [...message.split('_'), 'frame']
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
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
