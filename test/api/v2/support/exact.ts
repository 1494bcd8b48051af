import { type TProperties, type TSchema, Type, TypeGuard } from '@sinclair/typebox'

/**
 * The same schema for what the project writes down itself: without fields that the schema does not have, and with times as the
 * wire promises them. No format is asked for, so that it works without one that somebody has registered.
 */
export function exact(schema: TSchema): TSchema {
  if (TypeGuard.IsOptional(schema)) return Type.Optional(required(schema))
  return required(schema)
}

function required(schema: TSchema): TSchema {
  if (TypeGuard.IsObject(schema))
    return Type.Object(ofProperties(schema.properties), { additionalProperties: false })
  if (TypeGuard.IsArray(schema)) return Type.Array(exact(schema.items))
  if (TypeGuard.IsUnion(schema)) return Type.Union(schema.anyOf.map(exact))
  if (TypeGuard.IsString(schema) && schema.format === 'date-time') return Type.String({ pattern: TIME })
  if (TypeGuard.IsString(schema) && schema.format === 'binary') return Type.String()
  return schema
}

function ofProperties(properties: TProperties): TProperties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, exact(value)]))
}

const TIME = '^\\d{4}-[01]\\d-[0-3]\\dT[0-2]\\d:[0-5]\\d:[0-5]\\d\\.\\d{3}Z$'
