import { ChatError } from '../../../core/index.ts'
import type { Connection, Server } from '../../../server/index.ts'
import type { ClientFrame, RequestId } from '../wire/index.ts'
import { type Answers, withPartNamed } from './answers.ts'
import { checkedId, checkedSeq, tooMany } from './checked.ts'
import type { Door } from './door.ts'
import type { V2SocketOptions } from './options.ts'
import { createSender } from './sender.ts'
import type { Subscriptions } from './subscriptions.ts'
import { WorkQueue } from './work-queue.ts'

/** Requests of one connection that the database works on at once. */
const AT_ONCE = 16
/** Requests that may wait besides one for each room. */
const WAITING = 100
const SNAPSHOT_MESSAGES = 50

export interface Requests {
  /** Throws what the request is to be refused with; what takes longer is answered later. */
  carryOut(request: ClientFrame): void
  /** Nothing more is done. */
  close(): void
}

export function createRequests(
  server: Server,
  options: V2SocketOptions,
  connection: Connection,
  answers: Answers,
  subscriptions: Subscriptions,
  door: Door,
): Requests {
  const { chat } = server
  const queue = new WorkQueue(AT_ONCE, options.maxSubscriptions + WAITING)
  const send = createSender(chat, connection, answers, subscriptions)

  /** What takes its time: in the order it came, a few at once. */
  function enqueue(id: RequestId | undefined, job: () => Promise<void>): void {
    const failSafe = async () => {
      if (!connection.alive) return
      try {
        await job()
      } catch (error) {
        answers.refuse(id, error)
      }
    }
    if (!queue.add(failSafe)) throw new ChatError('overloaded', 'Too many requests are under way')
  }

  function subscribe({ id, room, after, limit }: Frame<'subscribe'>): void {
    if (id === undefined) throw new ChatError('invalid', 'id: is needed to answer', { field: 'id' })
    const wanted = { id, room: checkedId(room), after, limit: limit ?? SNAPSHOT_MESSAGES }
    const subscription = subscriptions.open(wanted)
    // It tells of its own failure.
    if (!queue.add(() => subscription.start())) subscriptions.overloaded(wanted.room)
  }

  async function revise(request: Frame<'edit' | 'delete'>): Promise<void> {
    const { id, room } = request
    const wait = chat.budget.take(connection.user.id)
    if (wait > 0) throw tooMany('messages', wait)
    const ref = { id: checkedId(room) }
    const at = { seq: checkedSeq(request.seq) }
    try {
      const { seq, versionSeq } =
        request.type === 'edit'
          ? await chat.messages.edit(ref, connection.user, at, request.body)
          : await chat.messages.remove(ref, connection.user, at)
      answers.result(id, { room, seq, version: versionSeq ?? seq })
    } catch (error) {
      answers.refuse(id, withPartNamed(error))
    }
  }

  async function mark({ id, type, room, seq }: Frame<'read' | 'delivered'>): Promise<void> {
    const at = checkedSeq(seq)
    const wanted = type === 'read' ? { readSeq: at } : { deliveredSeq: at }
    const marks = await chat.membership.mark(checkedId(room), connection.user, wanted)
    const { readSeq, deliveredSeq, unread, head } = marks
    answers.result(id, { room, read_seq: readSeq, delivered_seq: deliveredSeq, unread, head })
  }

  function type({ id, room, typing }: Frame<'typing'>): void {
    const subscription = subscriptions.get(checkedId(room))
    if (!subscription?.admitted) throw new ChatError('conflict', 'Subscribe to the room first')
    if (typing) subscription.typing.start()
    else subscription.typing.stop()
    answers.result(id, {})
  }

  function takeBudget(): void {
    const wait = connection.speaker === null ? 0 : options.requests.take(connection.user.id)
    if (wait > 0) throw tooMany('requests', wait)
  }

  return {
    carryOut(request) {
      if (connection.speaker === null && request.type !== 'auth') {
        throw new ChatError('unauthenticated', 'Say who you are first')
      }
      if (request.type === 'send') {
        send(request)
        return
      }
      takeBudget()
      switch (request.type) {
        case 'auth':
          enqueue(request.id, () => door.authenticate(request))
          break
        case 'subscribe':
          subscribe(request)
          break
        case 'unsubscribe':
          subscriptions.drop(checkedId(request.room))
          answers.result(request.id, {})
          break
        case 'edit':
        case 'delete':
          enqueue(request.id, () => revise(request))
          break
        case 'read':
        case 'delivered':
          enqueue(request.id, () => mark(request))
          break
        case 'typing':
          type(request)
          break
        case 'ping':
          answers.result(request.id, {})
      }
    },

    close() {
      queue.clear()
    },
  }
}

type Frame<Type extends ClientFrame['type']> = Extract<ClientFrame, { type: Type }>
