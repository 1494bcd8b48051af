import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { FormatRegistry, type TSchema, TypeGuard } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { requests } from '../../../src/api/v2/asyncapi/examples.ts'
import { pushed } from '../../../src/api/v2/asyncapi/frame-examples.ts'
import { results } from '../../../src/api/v2/asyncapi/result-examples.ts'
import * as wire from '../../../src/api/v2/wire/index.ts'
import { textPatterns } from '../../../src/core/index.ts'
import { readSources } from '../../support/source-files.ts'
import { exact } from './support/exact.ts'
import { typesOf } from './support/frame-types.ts'

const { ClientFrame, ServerFrame, RoomEvent } = wire

const schemas = Object.entries(wire).flatMap(([name, value]): [string, TSchema][] =>
  TypeGuard.IsSchema(value) ? [[name, value]] : [],
)
const clientFrames = Object.values(requests).flatMap(payloads)
const serverFrames = [...Object.values(pushed), ...Object.values(results)].flatMap(payloads)

describe('the wire', () => {
  test('imports TypeBox and nothing else', async () => {
    const files = await readSources(join(import.meta.dir, '../../../src/api/v2/wire'), '*.ts')
    const foreign = files.flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier }) =>
        /^(\.\/[\w-]+\.ts|@sinclair\/typebox)$/.test(specifier) ? [] : [path],
      ),
    )
    expect(files.length).toBeGreaterThan(1)
    expect(foreign).toEqual([])
  })

  test('repeats the patterns of the rules for text, which it may not import', () => {
    const { body, kind } = wire.SendRequest.properties
    const { username } = wire.NewUser.properties
    const repeated = [wire.said, body['x-shown'], kind['x-shown'], username['x-shown']]
    const { message } = textPatterns
    expect(repeated.map(({ pattern }) => pattern)).toEqual([
      message,
      message,
      textPatterns.kind,
      textPatterns.username,
    ])
  })

  test('is plain JSON Schema, which survives serialisation', () => {
    expect(schemas.length).toBeGreaterThan(30)
    expect(schemas.flatMap(([name, schema]) => notPlain(schema, name))).toEqual([])
    expect(
      notPlain({ a: [1, undefined], b: { c: () => 1 }, d: new Date(), e: Number.NaN, f: 'x' }, 'x'),
    ).toEqual(['x.a.1', 'x.b.c', 'x.d', 'x.e'])
  })

  test('describes every object that a client receives or sends', () => {
    const undescribed = schemas.flatMap(([name, schema]) =>
      parts(schema, name).flatMap(([path, part]) =>
        TypeGuard.IsObject(part) && !/\w{3}/.test(part.description ?? '') ? [path] : [],
      ),
    )
    expect(undescribed).toEqual([])
  })

  test('gives examples that fit their schemas', () => {
    const examples = schemas.flatMap(([name, schema]) =>
      parts(schema, name).flatMap(([path, part]) =>
        examplesOf(part).map((example) => ({ path, part, example })),
      ),
    )
    expect(examples.length).toBeGreaterThan(30)
    const wrong = examples.filter(({ part, example }) => !TypeCompiler.Compile(exact(part)).Check(example))
    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  test.each([
    ['ClientFrame', ClientFrame.anyOf],
    ['ServerFrame', ServerFrame.anyOf],
    ['RoomEvent', RoomEvent.anyOf],
  ])('%s is distinguished by type alone', (_name, members) => {
    const types = members.map(typesOf)
    expect(types.filter((some) => some.length === 0)).toEqual([])
    expect(types.flat()).toEqual([...new Set(types.flat())])
  })

  test('has exactly one fitting schema for each frame', () => {
    const compiled = (members: readonly TSchema[]) =>
      members.map((member) => TypeCompiler.Compile(exact(member)))
    const counts = (checks: TypeCheck<TSchema>[], frames: readonly unknown[]) =>
      frames.map((frame) => checks.filter((check) => check.Check(frame)).length)
    for (const [members, frames] of [
      [ClientFrame.anyOf, clientFrames],
      [ServerFrame.anyOf, serverFrames],
    ] as const) {
      expect(frames.length).toBeGreaterThanOrEqual(members.length)
      expect(counts(compiled(members), frames)).toEqual(frames.map(() => 1))
    }
  })
})

describe('compiled,', () => {
  const previous = FormatRegistry.Get('date-time')

  // TypeBox knows no formats by itself, and refuses what has an unknown one.
  beforeAll(() =>
    FormatRegistry.Set('date-time', (value) => /Z$/.test(value) && !Number.isNaN(Date.parse(value))),
  )
  afterAll(() => {
    if (previous === undefined) FormatRegistry.Delete('date-time')
    else FormatRegistry.Set('date-time', previous)
  })

  test('every schema works', () => {
    for (const [, schema] of schemas) expect(TypeCompiler.Compile(schema).Check(Symbol())).toBe(false)
  })

  test('requests need no format, so the server checks them whatever is registered', () => {
    const formats = (schema: TSchema) => parts(schema, '').flatMap(([, part]) => part.format ?? [])
    expect(formats(ClientFrame)).toEqual([])
    expect([...new Set(formats(ServerFrame))]).toEqual(['date-time'])
  })

  test('what is sent is accepted, also with fields of later versions', () => {
    const client = TypeCompiler.Compile(ClientFrame)
    const server = TypeCompiler.Compile(ServerFrame)
    for (const frame of clientFrames) expect(client.Check({ ...frame, later: 1 })).toBe(true)
    for (const frame of serverFrames) expect(server.Check({ ...frame, later: 1 })).toBe(true)
  })

  test('frames that are not requests are refused', () => {
    const check = TypeCompiler.Compile(ClientFrame)
    const refused = [
      { type: 'subscribe' },
      { type: 'subscribe', room: '7' },
      { type: 'subscribe', room: 0 },
      { type: 'subscribe', room: 1.5 },
      { type: 'subscribe', room: 2 ** 53 },
      { type: 'subscribe', room: 7, after: -1 },
      { type: 'subscribe', room: 7, after: null },
      { type: 'subscribe', room: 7, limit: 201 },
      { type: 'ping', id: '' },
      { type: 'ping', id: 'x'.repeat(65) },
      { type: 'ping', id: 0 },
      { type: 'ping', id: null },
      { type: 'send', room: 7, body: 1 },
      { type: 'auth', token: 'x'.repeat(257) },
      { type: 'Ping' },
      { type: ['ping'] },
      {},
      [],
      null,
    ]
    expect(refused.filter((frame) => check.Check(frame))).toEqual([])
  })
})

function payloads(examples: readonly { readonly payload: object }[]): object[] {
  return examples.map(({ payload }) => payload)
}

/** A schema and all within it. */
function parts(schema: TSchema, path: string): [string, TSchema][] {
  const inner = TypeGuard.IsObject(schema)
    ? Object.entries(schema.properties)
    : TypeGuard.IsUnion(schema)
      ? Object.entries(schema.anyOf)
      : TypeGuard.IsArray(schema)
        ? [['[]', schema.items] as const]
        : TypeGuard.IsRecord(schema)
          ? Object.entries(schema.patternProperties)
          : []
  return [[path, schema], ...inner.flatMap(([key, part]) => parts(part, `${path}.${key}`))]
}

function examplesOf(schema: TSchema): unknown[] {
  return Array.isArray(schema.examples) ? schema.examples : []
}

/** The places of what JSON does not have: functions, undefined, dates, numbers that are none. */
function notPlain(value: unknown, path: string): string[] {
  if (value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)) return []
  const isPlain =
    Array.isArray(value) || (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
  if (!isPlain) return [path]
  return Object.entries(value).flatMap(([key, part]) => notPlain(part, `${path}.${key}`))
}
