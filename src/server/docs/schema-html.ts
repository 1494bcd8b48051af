import { isRecord } from './schemas.ts'

/** Returns the fields of an object's schema as a table; null for what has no fields of its own. */
export function fieldsTable({ properties, required }: Schema): string | null {
  if (!isRecord(properties)) return null
  const needed = Array.isArray(required) ? required : []
  const rows = Object.entries(properties).map(
    ([name, field]) =>
      `<tr><td><code>${escaped(name)}</code>${needed.includes(name) ? '' : ' (optional)'}</td>` +
      `<td>${schemaText(field)}</td><td>${described(field)}</td></tr>`,
  )
  return rows.length === 0
    ? null
    : `<table><tr><th>Field</th><th>Type</th><th></th></tr>${rows.join('')}</table>`
}

/** Returns a schema in words, with links to those that have names. */
export function schemaText(schema: unknown): string {
  if (!isRecord(schema)) return 'anything'
  const { $ref, anyOf, enum: words, const: constant, type, items, patternProperties } = schema
  if (typeof $ref === 'string') return link($ref.slice($ref.lastIndexOf('/') + 1))
  if (Array.isArray(anyOf)) return anyOf.map(schemaText).join(' or ')
  if (Array.isArray(words)) return words.map(literal).join(', ')
  if (constant !== undefined) return literal(constant)
  if (type === 'array') return `list of ${schemaText(items)}`
  if (isRecord(patternProperties))
    return `by name: ${Object.values(patternProperties).map(schemaText).join(' or ')}`
  return `${escaped(type ?? 'anything')}${bounds(schema)}`
}

type Schema = Readonly<Record<string, unknown>>

function bounds({ minimum, maximum, minLength, maxLength }: Schema): string {
  const least = minimum ?? minLength
  const most = maximum ?? maxLength
  const of = minLength === undefined && maxLength === undefined ? '' : ' characters'
  if (least === undefined && most === undefined) return ''
  if (most === undefined) return `, ${escaped(least)}${of} or more`
  return `, ${least === undefined ? 'up to' : `${escaped(least)} to`} ${escaped(most)}${of}`
}

function described(schema: unknown): string {
  const text = isRecord(schema) && typeof schema.description === 'string' ? schema.description : ''
  return escaped(text).replaceAll(/`([^`]*)`/g, '<code>$1</code>')
}

function link(name: string): string {
  return `<a href="#schema-${escaped(name)}">${escaped(name)}</a>`
}

function literal(value: unknown): string {
  return `<code>${escaped(JSON.stringify(value))}</code>`
}

function escaped(value: unknown): string {
  return Bun.escapeHTML(String(value ?? ''))
}
