// The one way to send: what every contract gets without asking for it.
import { beforeEach, describe, expect, test } from 'bun:test'
import { ChatError, type Message, type NewMessage, type SendBudget } from '../../src/core/index.ts'
import { createSends } from '../../src/core/messages/sends.ts'
import { FakeLog } from './fakes/fake-log.ts'
import { Sends } from './fakes/sends.ts'
import { id, room, seq, user } from './fakes/values.ts'

const ROOM = id(1)
const ANN = user(1, 'ann')
const HI: NewMessage = { body: 'hi', kind: 'text', clientId: null, replyTo: null, details: null }

let log: FakeLog
let faults: unknown[]
let asked: number[]
/** What the user may still send. */
let left: number
/** Who may not know of the room. */
let outsiders: Set<number>
/** Whom the room was joined by. */
let joined: number[]

beforeEach(() => {
  log = new FakeLog()
  faults = []
  asked = []
  left = 100
  outsiders = new Set()
  joined = []
})

describe('sending', () => {
  test('takes one from the budget for each message, however it is sent, and returns what is left', async () => {
    const sends = make()
    left = 3
    expect(sends.send(ROOM, ANN, HI, reply().told, 'a')).toBe(true)
    await sends.post(ROOM, ANN, HI)
    await sends.joinAndPost({ id: ROOM }, ANN, HI)
    expect(sends.remaining(ANN)).toBe(0)
    const { told, answers } = reply()
    expect(sends.send(ROOM, ANN, { ...HI, body: '' }, told, 'b')).toBe(false)
    // At once, and nothing else of it was looked at.
    expect(answers).toEqual([['b', 'rate_limited']])
    const spent = { kind: 'rate_limited', retryAfterMs: 250 }
    await expect(sends.post(ROOM, ANN, HI)).rejects.toMatchObject(spent)
    await expect(sends.joinAndPost({ id: ROOM }, ANN, HI)).rejects.toMatchObject(spent)
    expect(joined).toEqual([ANN.id])
    expect(log.rooms.get(ROOM)).toHaveLength(3)
  })

  test('takes it synchronously, so that the rest is known at once', () => {
    const sends = make()
    left = 2
    const posting = sends.post(ROOM, ANN, HI)
    expect(sends.remaining(ANN)).toBe(1)
    return posting
  })

  test('makes a key for a message without one, and keeps a given key', async () => {
    const sends = make()
    const made = [await sends.post(ROOM, ANN, HI), await sends.joinAndPost({ id: ROOM }, ANN, HI)]
    expect(new Set(made.map(({ clientId }) => clientId)).size).toBe(2)
    expect((await sends.post(ROOM, ANN, { ...HI, clientId: 'mine' })).clientId).toBe('mine')
    await expect(sends.post(ROOM, ANN, { ...HI, clientId: '' })).rejects.toMatchObject({ field: 'key' })
  })

  test('names the wrong field before joining the sender to the room', async () => {
    const sends = make()
    const wrong = { ...HI, kind: 'system' }
    const refusal = { kind: 'invalid', field: 'kind' }
    await expect(sends.post(ROOM, ANN, wrong)).rejects.toMatchObject(refusal)
    await expect(sends.joinAndPost({ id: ROOM }, ANN, wrong)).rejects.toMatchObject(refusal)
    await expect(sends.post(ROOM, ANN, { ...HI, body: ' ' })).rejects.toMatchObject({ field: 'body' })
    expect(joined).toEqual([])
  })

  test('hides a room from non-members who may not know of it, and looks up nobody else', async () => {
    const sends = make()
    await sends.post(ROOM, ANN, HI)
    expect(asked).toEqual([])
    log.strangers.add(2).add(3)
    outsiders.add(3)
    await expect(sends.post(ROOM, user(2, 'bob'), HI)).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(sends.post(ROOM, user(3, 'eve'), HI)).rejects.toMatchObject({ kind: 'hidden' })
    expect(asked).toEqual([2, 3])
  })

  test('asks the same of a room that does not exist as of a hidden one, so that the time tells nothing', async () => {
    const sends = make()
    await expect(sends.post(id(9), ANN, HI)).rejects.toMatchObject({ kind: 'not_found' })
    expect(asked).toEqual([1])
  })

  test('passes the tag back to a reply that many sends share', async () => {
    const sends = make()
    const { told, answers } = reply()
    log.strangers.add(2)
    sends.send(ROOM, ANN, { ...HI, replyTo: seq(1) }, told, 'first')
    sends.send(ROOM, user(2, 'bob'), HI, told, 'second')
    sends.send(ROOM, ANN, HI, told, 'third')
    await sends.post(ROOM, ANN, HI)
    await Bun.sleep(0)
    expect(answers.sort()).toEqual([
      ['first', 'sent'],
      ['second', 'forbidden'],
      ['third', 'sent'],
    ])
  })

  test('survives a reply that throws when a non-member is refused', async () => {
    const sends = make()
    log.strangers.add(2)
    const fault = new Error('told')
    const thrower = {
      sent: () => undefined,
      rejected() {
        throw fault
      },
    }
    sends.send(ROOM, user(2, 'bob'), HI, thrower, undefined)
    await sends.post(ROOM, ANN, HI)
    await Bun.sleep(0)
    expect(faults).toEqual([fault])
  })
})

function make() {
  const { committer } = new Sends(log)
  const budget: SendBudget = {
    take() {
      if (left === 0) return 250
      left--
      return 0
    },
    left: () => left,
  }
  return createSends(
    {
      committer,
      budget,
      rooms: {
        async visible(ref, reader) {
          asked.push(Number(reader))
          if (!('id' in ref && log.rooms.has(ref.id))) throw new ChatError('not_found', 'Room not found')
          if (outsiders.has(Number(reader))) throw new ChatError('hidden', 'Room not found')
          return { room: room({ id: ROOM }), role: null, invited: false }
        },
      },
      membership: {
        async join(_ref, { id: member }) {
          joined.push(member)
          return { room: room({ id: ROOM }), role: null, invited: false }
        },
      },
    },
    { maxLength: 100, onFault: (error) => void faults.push(error) },
  )
}

/** A reply that keeps what it was told. */
function reply() {
  const answers: [string, string][] = []
  const told = {
    sent: (_message: Message, tag: string) => void answers.push([tag, 'sent']),
    rejected: (error: Error, tag: string) =>
      void answers.push([tag, error instanceof ChatError ? error.kind : error.message]),
  }
  return { told, answers }
}
