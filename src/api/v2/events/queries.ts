import { t } from 'elysia'
import { ChatError, type RoomId } from '../../../core/index.ts'
import { parseId } from '../../shared/index.ts'
import { type ShownSignal, SIGNALS } from '../socket/codec.ts'
import { SNAPSHOT_MESSAGES } from '../socket/requests.ts'
import { readPosition, type StreamPosition } from './stream-position.ts'

/** The query of a stream of events. */
export const EventsQuery = t.Object({
  rooms: t.Optional(
    t.String({
      description:
        'Ids of rooms, with commas between; without it, all rooms that the caller is a member of, as they come and go',
      examples: ['7,9'],
      'x-shown': { pattern: '^[0-9]{1,16}(,[0-9]{1,16})*$' },
    }),
  ),
  limit: t.Optional(
    t.String({
      description: `Number of messages in a snapshot, 0 to 200; ${SNAPSHOT_MESSAGES} by default`,
      'x-shown': { type: 'integer', minimum: 0, maximum: 200, default: SNAPSHOT_MESSAGES, examples: [0] },
    }),
  ),
  signals: t.Optional(
    t.String({
      description: `Which signals to send, with commas between: ${SIGNALS.join(', ')}; all by default, \`none\` for none`,
      examples: ['marks'],
      'x-shown': { pattern: `^(none|(${SIGNALS.join('|')})(,(${SIGNALS.join('|')}))*)$` },
    }),
  ),
  batch: t.Optional(
    t.String({
      description: '`1` if an event may hold several frames, as a JSON array',
      'x-shown': { enum: ['0', '1'], examples: ['1'] },
    }),
  ),
  last_event_id: t.Optional(
    t.String({
      description: 'The id at which an earlier stream has ended, for clients that cannot set the header',
      examples: ['12~Byo~1-5f0c9a1e.7d31b2c40e96a58f.57'],
    }),
  ),
  token: t.Optional(
    t.String({
      description: 'A token, for clients that cannot set headers',
      examples: ['9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b'],
    }),
  ),
  ticket: t.Optional(
    t.String({
      description: 'A ticket, for clients that cannot set headers',
      examples: ['2c26b46b68ffc68ff99b453c1d304134'],
    }),
  ),
})
type Query = (typeof EventsQuery)['static']

/** Returns the rooms; null for all. @throws ChatError `invalid` */
export function roomsIn({ rooms }: Query): readonly RoomId[] | null {
  if (rooms === undefined) return null
  const ids = new Set<RoomId>()
  for (const text of rooms.split(',')) {
    const id = parseId(text)
    if (id === null) throw invalid('rooms', 'must be ids of rooms, with commas between')
    ids.add(id)
  }
  return [...ids]
}

/** The header counts before the query: browsers set it when they come back to the same address. @throws ChatError `invalid` */
export function positionIn({ last_event_id }: Query, headers: Headers): Partial<StreamPosition> {
  const text = headers.get('last-event-id') || last_event_id
  return text === undefined || text === '' ? {} : readPosition(text)
}

/** @throws ChatError `invalid` */
export function limitIn({ limit }: Query): number {
  if (limit === undefined) return SNAPSHOT_MESSAGES
  if (/^[0-9]{1,3}$/.test(limit) && Number(limit) <= 200) return Number(limit)
  throw invalid('limit', 'must be a whole number from 0 to 200')
}

/** @throws ChatError `invalid` */
export function signalsIn({ signals }: Query): readonly ShownSignal[] {
  if (signals === undefined) return SIGNALS
  if (signals === 'none') return []
  const names = signals.split(',')
  const known = SIGNALS.filter((kind) => names.includes(kind))
  if (names.every((name) => known.some((kind) => kind === name))) return known
  throw invalid('signals', `must be ${SIGNALS.join(', ')}, with commas between, or none`)
}

export function takesBatches({ batch }: Query): boolean {
  return batch === '1'
}

function invalid(field: string, problem: string): ChatError {
  return new ChatError('invalid', `${field}: ${problem}`, { field })
}
