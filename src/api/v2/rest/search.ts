import { t } from 'elysia'
import { ChatError, isId, MAX_QUERY, type RoomId } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf, idText, parseId, parseTime } from '../../shared/index.ts'
import { messageBody } from '../bodies.ts'
import { errors } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { group } from './group.ts'
import { integerOf, pageQuery } from './queries.ts'

const USUAL = 20
const MOST = 100

/** The search in messages. */
export function searchRoutes(server: Server) {
  const { chat } = server

  return group('search').get(
    '/search',
    async ({ query, request }) => {
      const caller = await callerOf(server, request)
      const { hits, below } = await chat.search.messages(caller.id, {
        text: query.q ?? null,
        room: query.room === undefined ? null : roomOf(query.room),
        sender: query.sender === undefined ? null : query.sender === 'me' ? caller.id : idOf(query.sender),
        files: query.has !== undefined && filesOf(query.has),
        from: query.after === undefined ? null : timeOf('after', query.after),
        until: query.before === undefined ? null : timeOf('before', query.before),
        below: query.cursor === undefined ? null : belowOf(query.cursor),
        limit: integerOf('limit', query.limit, { usual: USUAL, least: 1, most: MOST }),
      })
      return {
        items: hits.map(({ message, excerpt }) => ({
          message: messageBody(message),
          excerpt: excerpt.map((part) => ({ ...part })),
        })),
        next: below && cursorOf('search', below),
      }
    },
    {
      query: t.Object({
        q: t.Optional(
          t.String({
            description: `Words, and phrases in double quotes, at most ${MAX_QUERY} characters. A message has them all, whatever their case, each anywhere, also within other words. One word must have two characters, or one of Chinese, Japanese or Korean. Without it, all messages that the filters leave`,
            examples: ['hello'],
            'x-shown': { format: 'search-query', minLength: 1, ...wire.text(MAX_QUERY) },
          }),
        ),
        room: t.Optional(idText('Only messages of this room')),
        sender: t.Optional(idText('Only messages of this user; `me` is the caller', ['me'])),
        has: t.Optional(
          t.String({
            description: 'Only messages with files',
            'x-shown': { enum: ['file'], examples: ['file'] },
          }),
        ),
        before: t.Optional(time('Only messages that were sent before')),
        after: t.Optional(time('Only messages that were sent then or later')),
        limit: t.Optional(
          t.String({
            description: `Entries in the page, 1 to ${MOST}; ${USUAL} by default`,
            'x-shown': { type: 'integer', minimum: 1, maximum: MOST, default: USUAL, examples: [USUAL] },
          }),
        ),
        cursor: pageQuery.cursor,
      }),
      response: { 200: wire.FoundMessages, ...errors.listRoom },
      detail: {
        operationId: 'searchMessages',
        summary:
          'Messages by their words, the newest first, in public rooms and in those that the caller is in. A message is found within a second after it was sent or edited. `around` its `seq`, `GET /rooms/{room}/messages` shows where it stands',
      },
    },
  )
}

function time(description: string) {
  return t.String({
    description: `${description}: a time in ISO 8601 with its zone`,
    examples: ['2026-02-13T10:00:00Z'],
    'x-shown': { format: 'date-time' },
  })
}

/** A room that cannot be is reported as one that is not there. */
function roomOf(text: string): RoomId {
  const id = parseId(text)
  if (id === null) throw new ChatError('not_found', 'Room not found')
  return id
}

function idOf(text: string) {
  const id = parseId(text)
  if (id !== null) return id
  throw new ChatError('invalid', 'sender: must be the id of a user, or me', { field: 'sender' })
}

function filesOf(has: string): boolean {
  if (has === 'file') return true
  throw new ChatError('invalid', 'has: must be file', { field: 'has' })
}

function timeOf(name: string, text: string): Date {
  const time = parseTime(text)
  if (time !== null) return time
  throw new ChatError(
    'invalid',
    `${name}: must be a time in ISO 8601 with its zone, as 2026-02-13T10:00:00Z`,
    {
      field: name,
    },
  )
}

function belowOf(cursor: string) {
  const { at } = readCursor(cursor, ['search'])
  if (isId(at)) return at
  throw new ChatError('invalid', 'cursor: is none of this list', { field: 'cursor' })
}
