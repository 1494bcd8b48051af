import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { DiagnosticSeverity, type MessageInterface, Parser } from '@asyncapi/parser'
import { type TSchema, Type } from '@sinclair/typebox'
import { answers } from '../../../src/api/v2/asyncapi/answers.ts'
import { asyncApi } from '../../../src/api/v2/asyncapi.ts'
import {
  ClientFrame,
  FrameBatch,
  RequestBatch,
  ResultFrame,
  ServerFrame,
} from '../../../src/api/v2/wire/index.ts'
import { createComponents } from '../../../src/server/index.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { unnamedObjects } from '../support/openapi.ts'
import { ask } from '../support/rest.ts'
import { parse } from '../support/shape.ts'
import { exact } from './support/exact.ts'
import { typesOf } from './support/frame-types.ts'

const settings = {
  maxMessageLength: 4000,
  minPasswordLength: 8,
  sessionCookie: 'parley_session',
  basePath: '',
}

describe('the AsyncAPI document', () => {
  let messages: ReadonlyMap<string, MessageInterface>
  let operations: ReadonlyMap<string, Operation>

  let complaints: unknown[]

  beforeAll(async () => {
    const { document, complaints: all } = await read(asyncApi(settings))
    complaints = all
    if (document === undefined) throw new Error('not a document')
    messages = new Map(document.messages().map((message) => [message.name() ?? '', message]))
    operations = new Map(
      document.operations().map((operation) => [
        operation.id() ?? '',
        {
          action: operation.action(),
          messages: names(operation.messages().all()),
          reply: names(operation.reply()?.messages().all() ?? []),
        },
      ]),
    )
  })

  test('passes the official parser without errors and warnings', () => {
    expect(complaints).toEqual([])
  })

  test('would not pass with a dangling reference, an invalid schema, or a message that its channel lacks', async () => {
    // Of one request alone, which the parser reads sooner than all of them.
    const { operations, components, channels, ...rest } = asyncApi(settings)
    const { ping } = operations
    const isOfPing = ([name]: readonly [string, unknown]) =>
      JSON.stringify(ping).includes(`/messages/${name}"`)
    const messages = Object.fromEntries(Object.entries(channels.socket.messages).filter(isOfPing))
    const small = {
      ...rest,
      operations: { ping },
      channels: { socket: { ...channels.socket, messages } },
      components: {
        ...components,
        messages: Object.fromEntries(Object.entries(components.messages).filter(isOfPing)),
      },
    }
    const { schemas } = components
    const { error, ...others } = messages
    expect(error).toBeDefined()
    expect((await read(small)).complaints).toEqual([])
    const broken = [
      { ...small, components: { ...small.components, schemas: {} } },
      {
        ...small,
        components: { ...small.components, schemas: { ...schemas, Id: { type: 'number of a thing' } } },
      },
      { ...small, channels: { socket: { ...channels.socket, messages: others } } },
    ]
    for (const document of broken) expect((await read(document)).complaints).not.toEqual([])
  })

  test('names the schema of each payload and of each object in it', () => {
    const { components } = asyncApi(settings)
    for (const { name, payload } of Object.values(components.messages)) {
      expect([name, payload]).toEqual([
        name,
        { $ref: expect.stringMatching(/^#\/components\/schemas\/[A-Z]/) },
      ])
    }
    expect(unnamedObjects(plain(components.schemas), '/components/schemas')).toEqual([])
  })

  test('has every request, with the schema of the wire', () => {
    for (const schema of ClientFrame.anyOf) {
      const type = schema.properties.type.const
      expect([type, payloadOf(`${type}.request`)]).toEqual([type, shown(schema)])
    }
  })

  test('has every frame of the server, one for each type, with the schema of the wire', () => {
    const members = ServerFrame.anyOf.filter((schema) => schema !== ResultFrame)
    expect(members).toHaveLength(ServerFrame.anyOf.length - 1)
    for (const schema of members) {
      for (const type of typesOf(schema)) {
        const { properties, ...rest } = parse(WithProperties, shown(schema))
        const narrowed = { ...properties, type: shown(Type.Literal(type)) }
        expect([type, payloadOf(type)]).toEqual([type, { ...rest, properties: narrowed }])
      }
    }
  })

  test('has every kind of result, each as the response to a request', () => {
    const kinds = ClientFrame.anyOf.map((schema) => {
      const { properties } = parse(WithProperties, payloadOf(`${schema.properties.type.const}.result`))
      expect(properties).toMatchObject({ type: { const: 'result' } })
      return properties.data
    })
    const known = ResultFrame.properties.data.anyOf.map(shown)
    for (const kind of kinds) expect(known).toContainEqual(kind)
    for (const kind of known) expect(kinds).toContainEqual(kind)
  })

  test('names the response to each request', () => {
    for (const schema of ClientFrame.anyOf) {
      const type = schema.properties.type.const
      expect(operations.get(type)).toEqual({
        action: 'receive',
        messages: [`${type}.request`],
        reply: [`${type}.result`, 'error'],
      })
    }
  })

  test('has every message in an operation, in the right direction, and nothing else', () => {
    const all = [...operations.values()]
    const received = all
      .filter(({ action }) => action === 'receive')
      .flatMap((operation) => operation.messages)
    const sent = all.flatMap(({ action, messages, reply }) => (action === 'send' ? messages : reply))
    const types = ServerFrame.anyOf.flatMap(typesOf).filter((type) => type !== 'result')
    const requests = ClientFrame.anyOf.map((schema) => schema.properties.type.const)
    expect(received.toSorted()).toEqual([...requests, 'batch'].map((type) => `${type}.request`).toSorted())
    expect([...new Set(sent)].toSorted()).toEqual(
      [...types, ...requests.map((type) => `${type}.result`), 'batch'].toSorted(),
    )
    expect([...messages.keys()].toSorted()).toEqual([...new Set([...received, ...sent])].toSorted())
  })

  test('describes each message and gives an example without unknown fields', () => {
    for (const [name, message] of messages) {
      expect([name, message.description()]).toEqual([name, expect.stringMatching(/\w{3}/)])
      const examples = message.examples().all()
      expect([name, examples.length]).not.toEqual([name, 0])
      const schema = exact(schemaOf(name))
      for (const example of examples) {
        expect(example.summary()).toMatch(/\w{3}/)
        const payload = parse(schema, example.payload())
        if (typeOf(name) === 'batch') expect(payload).toBeArray()
        else expect(payload).toMatchObject({ type: typeOf(name) })
      }
    }
  })

  test('says where to connect, and how to send a credential: in a header, the address, a cookie or the first frame', () => {
    const { components, servers } = asyncApi(settings)
    expect(components.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer' },
      token: { type: 'httpApiKey', in: 'query', name: 'token' },
      ticket: { type: 'httpApiKey', in: 'query', name: 'ticket' },
      session: { type: 'httpApiKey', in: 'cookie', name: 'parley_session' },
      firstFrame: { type: 'apiKey' },
    })
    expect(asyncApi({ ...settings, basePath: '/chat' }).servers.secure).toMatchObject({ pathname: '/chat' })
    for (const { security } of Object.values(servers)) {
      expect(security).toEqual(
        Object.keys(components.securitySchemes).map((name) => ({
          $ref: `#/components/securitySchemes/${name}`,
        })),
      )
    }
  })

  /** With all references put in, as the parser has it. */
  function payloadOf(name: string): unknown {
    return withoutMarks(messages.get(name)?.payload()?.json())
  }
})

describe('/docs/asyncapi.json', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app.close())

  test('serves that document', async () => {
    for (const path of ['/docs/asyncapi.json', '/docs/asyncapi.json/']) {
      const { status, headers, json } = await ask('GET', app.url + path)
      expect(status).toBe(200)
      expect(headers.get('content-type')).toStartWith('application/json')
      expect(json).toEqual(plain(asyncApi(settings)))
    }
  })
})

interface Operation {
  readonly action: string
  readonly messages: readonly string[]
  readonly reply: readonly string[]
}

const WithProperties = Type.Object({ properties: Type.Record(Type.String(), Type.Unknown()) })

async function read(document: object) {
  const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document))
  const complaints = diagnostics.filter(({ severity }) => severity <= DiagnosticSeverity.Warning)
  return { document: parsed, complaints: complaints.map(({ code, message, path }) => [code, message, path]) }
}

/** What a message's examples must be. */
function schemaOf(name: string): TSchema {
  for (const schema of ClientFrame.anyOf) {
    const type = schema.properties.type.const
    if (name === `${type}.request`) return schema
    if (name === `${type}.result`) return Type.Object({ ...ResultFrame.properties, data: answers[type] })
  }
  if (name === 'batch') return FrameBatch
  return name === 'batch.request' ? RequestBatch : ServerFrame
}

function typeOf(name: string): string {
  const [type = '', kind] = name.split('.')
  return kind === 'result' ? kind : type
}

function names(found: readonly MessageInterface[]): string[] {
  return found.map((message) => message.name() ?? '')
}

/** As it goes over the wire: without what JSON does not have. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** A schema as the document shows it, with all references put in. */
function shown(schema: TSchema): unknown {
  return plain(createComponents(settings).naming({})(schema))
}

/** The parser marks what it has seen. */
function withoutMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarks)
  if (typeof value !== 'object' || value === null) return value
  const own = Object.entries(value).filter(([key]) => !key.startsWith('x-parser-'))
  return Object.fromEntries(own.map(([key, part]) => [key, withoutMarks(part)]))
}
