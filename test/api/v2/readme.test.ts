// The page for authors of clients says what is so: its examples, and its tables.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { type TSchema, Type, TypeGuard } from '@sinclair/typebox'
import { errorFrame } from '../../../src/api/v2/errors.ts'
import * as wire from '../../../src/api/v2/wire/index.ts'
import { settings } from '../../../src/config/table.ts'
import {
  type AccessFacts,
  type Action,
  allows,
  type Restraint,
  type Room,
  restrained,
} from '../../../src/core/index.ts'
import { type Problem, statusOf } from '../../../src/server/index.ts'
import { id, seq } from '../../core/fakes/values.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { routesOf } from '../support/routes.ts'
import { parse } from '../support/shape.ts'
import { exact } from './support/exact.ts'
import { typesOf } from './support/frame-types.ts'
import { type Block, blocksOf, rowsOf, tableOf, valuesOf, wordsOf } from './support/markdown.ts'

const page = await Bun.file(join(import.meta.dir, '../../../src/api/v2/README.md')).text()
const Typed = Type.Object({ type: Type.String() })
const examples = blocksOf(page).filter(({ language }) => language === 'json')

describe('the page of v2', () => {
  test('gives only examples that fit the wire schema, without unknown fields', () => {
    expect(examples.length).toBeGreaterThan(15)
    for (const block of examples) {
      const schema = exact(schemaOf(block))
      for (const value of valuesOf(block)) parse(schema, value)
    }
  })

  test('shows every frame that the server sends', () => {
    const frames = examples.flatMap((block) => (block.claim === 'ServerFrame' ? valuesOf(block) : []))
    const shown = frames.map((frame) => parse(Typed, frame).type)
    expect(wire.ServerFrame.anyOf.flatMap(typesOf).filter((type) => !shown.includes(type))).toEqual([])
  })

  test('names every request and every frame', () => {
    const words = wordsOf(page)
    const types = [...wire.ClientFrame.anyOf, ...wire.ServerFrame.anyOf].flatMap(typesOf)
    expect(types.filter((type) => !words.has(type))).toEqual([])
  })

  test('lists the requests', () => {
    const listed = rowsOf(page, 'Request').flatMap(([requests = '']) => [...wordsOf(requests)])
    expect(listed.toSorted()).toEqual(wire.ClientFrame.anyOf.flatMap(typesOf).toSorted())
  })

  test('lists the fields of each request, and which of them may be left out', () => {
    const listed = rowsOf(page, 'Request').flatMap(([requests = '', fields = '']) => {
      const [needed = '', optional = ''] = fields.split(/(?:^|(?<=`) )or /)
      return [...wordsOf(requests)].map((type) => [type, [...wordsOf(needed)], [...wordsOf(optional)]])
    })
    const known = wire.ClientFrame.anyOf.map(({ properties, required }) => {
      const names = Object.keys(properties).filter((name) => name !== 'type' && name !== 'id')
      const needed = names.filter((name) => required?.some((each) => each === name))
      return [properties.type.const, needed, names.filter((name) => !needed.includes(name))]
    })
    expect(listed.toSorted()).toEqual(known.toSorted())
  })

  test('says who may do what, as the core decides', () => {
    const [heading = [], ...rows] = tableOf(page, 'Action')
    const kinds = heading.slice(1).map((cell) => [...wordsOf(cell)].map((word) => parse(wire.RoomKind, word)))
    const told = rows.flatMap(([action = '', ...cells]) =>
      cells.flatMap((cell, column) =>
        (kinds[column] ?? []).map((kind) => [action, kind, whoOf(cell)] as const),
      ),
    )
    const actions = Object.entries(actionsOf)
    expect(told.length).toBe(actions.length * 4)
    for (const [what, kind, who] of told) {
      const action = actionsOf[what]
      if (action === undefined) throw new Error(`what is this? ${what}`)
      expect([what, kind, who]).toEqual([
        what,
        kind,
        relations.filter((each) => allows(action, access(kind, each))),
      ])
    }
  })

  test('lists the errors with their statuses, and which of them may be retried', () => {
    const listed = rowsOf(page, 'Code').map(([code = '', status = '', again = '']) => [code, status, again])
    const shown = (kind: Problem['kind'], restraint: Restraint | null) => {
      const problem = { kind, message: '', retryAfterMs: 0, field: null, restraint }
      const { code, retryable } = errorFrame(null, problem)
      return [`\`${code}\``, `${statusOf[kind]}`, retryable ? 'yes' : 'no']
    }
    const known = [
      ...keysOf(statusOf).map((kind) => shown(kind, null)),
      ...restraints.map((each) => shown(restrained(each).kind, each)),
    ]
    for (const row of listed) expect(known).toContainEqual(row)
    const codes = wire.ErrorCode.anyOf.map((code) => `\`${code.const}\``)
    expect(listed.map(([code = '']) => code).toSorted()).toEqual(codes.toSorted())
  })

  test('names existing settings, with their defaults', () => {
    const defaults = new Map(
      settings.groups.flatMap(({ variables }) =>
        variables.map(({ name, defaults }) => [name, defaults.usual]),
      ),
    )
    const named = [...wordsOf(page)].filter((word) => /^[A-Z]+(_[A-Z]+)+$/.test(word))
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((name) => !defaults.has(name))).toEqual([])
    for (const [what, usual = '', variables = ''] of rowsOf(page, 'What').filter((row) => row.length === 4)) {
      const numbers = (usual.match(/\d[\d,]*/g) ?? []).map((text) => text.replaceAll(',', ''))
      const expected = [...wordsOf(variables)].map((name) => defaults.get(name) ?? '')
      if (expected.length > 0) expect([what, numbers]).toEqual([what, expected])
    }
  })
})

describe('its table of routes', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app.close())

  test('has the routes of the server, with the fields of their bodies', async () => {
    const listed = rowsOf(page, 'Route').map(
      ([route = '', body = '']) => `${[...wordsOf(route)]}: ${[...wordsOf(body)]}`,
    )
    const routes = (await routesOf(app)).filter(({ path }) => path.startsWith('/api/v2/'))
    expect(routes.length).toBeGreaterThan(30)
    const served = routes.map(
      ({ method, path, fields }) => `${method} ${path.replace('/api/v2', '')}: ${fields?.join(',') ?? ''}`,
    )
    expect(listed.toSorted()).toEqual(served.toSorted())
  })
})

/** The page's words for what the core has one for each. */
const actionsOf: Readonly<Record<string, Action>> = {
  'find the room': 'see',
  'read messages, members and changes': 'read',
  join: 'join',
  "send, react, type, move one's marks, follow threads": 'send',
  "edit and delete one's own messages": 'edit',
  invite: 'invite',
  "decline one's own invitation": 'decline',
  "withdraw others' invitations": 'uninvite',
  "delete others' messages": 'moderate',
  'pin and unpin messages': 'pin',
  'remove a member': 'remove',
  'mention `@room` and `@online` in a room of more than 100 members': 'address',
  'change description and avatar': 'describe',
  'say who may post, and how often': 'regulate',
  'ban and mute users': 'ban',
  'report a message': 'report',
  'read reports and the audit log': 'audit',
  'change roles': 'promote',
  'delete the room': 'delete',
  leave: 'leave',
}

const restraints = ['banned', 'muted', 'slow_mode', 'posting_restricted', 'blocked'] as const

const relations = ['owner', 'admin', 'member', 'invited', 'outsider'] as const
type Relation = (typeof relations)[number]

/** The user that a cell of the table means. A direct chat has only members. */
function whoOf(cell: string): Relation[] {
  const words = cell.split(', ')
  const meant = (relation: Relation) =>
    words.includes('anyone') ||
    words.includes(relation) ||
    (words.includes('members') && ['owner', 'admin', 'member'].includes(relation))
  return relations.filter(meant)
}

function access(kind: wire.RoomKind, relation: Relation): AccessFacts {
  const role = relation === 'invited' || relation === 'outsider' ? null : relation
  return { room: { ...anyRoom, kind }, role, invited: relation === 'invited' }
}

const anyRoom: Room = {
  id: id(7),
  name: 'engineering',
  kind: 'public',
  creator: null,
  description: '',
  avatar: '',
  metadata: null,
  lastSeq: seq(0),
  memberCount: 0,
  posting: 'everyone',
  slowMode: 0,
  createdAt: new Date(0),
  updatedAt: new Date(0),
}

function schemaOf({ claim, text }: Block): TSchema {
  const schema: unknown = Object.entries(wire).find(([name]) => name === claim)?.[1]
  if (TypeGuard.IsSchema(schema)) return schema
  throw new Error(`the wire has no ${claim}, which this claims to be: ${text}`)
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  const keys: Key[] = []
  for (const key in record) keys.push(key)
  return keys
}
