import {
  type Batch,
  type BatchResult,
  ChatError,
  type Draft,
  type Message,
  type MessageId,
  type MessageLog,
  type RoomId,
  type Seq,
  type Verdict,
} from '../../../src/core/index.ts'
import { id } from './values.ts'

/** A log in memory that keeps the contract of `append`. A test can delay or fail every step. */
export class FakeLog implements MessageLog {
  readonly lanes: number
  readonly calls: AppendCall[] = []
  /** Messages by room, in order; only rooms that are named here exist. */
  readonly rooms = new Map<RoomId, Message[]>()
  /** Sends of these users are refused. */
  readonly strangers = new Set<number>()
  /** Runs before a batch is written. If it throws, the append fails and nothing is written. */
  before: Step = () => undefined
  /** Runs after a batch was written. If it throws, the append fails although the batch is written, which the sender cannot know. */
  after: Step = () => undefined
  /** Runs before a message is read. */
  reading: () => Promise<void> | void = () => undefined
  #underWay = new Set<number>()

  constructor(lanes = 1, rooms: readonly number[] = [1, 2, 3, 4]) {
    this.lanes = lanes
    for (const room of rooms) this.rooms.set(id(room), [])
  }

  async append(lane: number, batch: Batch): Promise<BatchResult> {
    if (this.#underWay.has(lane)) throw new Error(`two batches at once on lane ${lane}`)
    this.#underWay.add(lane)
    try {
      const call = { lane, batch }
      this.calls.push(call)
      await this.before(call)
      const result = this.#write(batch)
      await this.after(call)
      return result
    } finally {
      this.#underWay.delete(lane)
    }
  }

  async message(room: RoomId, at: { seq: Seq } | { id: MessageId }): Promise<Message | null> {
    await this.reading()
    const messages = this.rooms.get(room) ?? []
    return messages.find((message) => ('seq' in at ? message.seq === at.seq : message.id === at.id)) ?? null
  }

  /** The bodies in a room, in order. */
  bodies(room: number): string[] {
    return (this.rooms.get(id(room)) ?? []).map((message) => message.body)
  }

  revise = notExpected('revise')
  history = notExpected('history')
  numberedPage = notExpected('numberedPage')
  changes = notExpected('changes')
  changesOf = notExpected('changesOf')
  heads = notExpected('heads')

  #write({ rooms, counts, drafts }: Batch): BatchResult {
    const verdicts: Verdict[] = []
    const found: Message[] = []
    const places = counts.flatMap((count, r) => new Array<RoomId | undefined>(count).fill(rooms[r]))
    for (const [i, draft] of drafts.entries()) {
      if (places[i] !== draft.roomId) throw new Error('a draft is not in its room')
      const [verdict, message] = this.#settle(draft)
      verdicts.push(verdict)
      found.push(message)
    }
    return {
      verdicts: verdicts.every((verdict) => verdict === 'sent') ? null : verdicts,
      seqs: found.map((message) => message.seq),
      ids: found.map((message) => message.id),
      at: found.map((message) => message.createdAt),
      details: null,
      threads: null,
    }
  }

  #settle(draft: Draft): [Verdict, Message] {
    const everything = [...this.rooms.values()].flat()
    const first = everything.find((m) => m.sender.id === draft.sender.id && m.clientId === draft.clientId)
    const messages = this.rooms.get(draft.roomId)
    const seq = id((messages?.length ?? 0) + 1)
    const state = {
      versionSeq: null,
      root: null,
      thread: null,
      createdAt: new Date(seq),
      editedAt: null,
      deletedAt: null,
    }
    const message = { ...draft, id: id(draft.roomId * 1000 + seq), seq, ...state }
    if (first !== undefined)
      return first.roomId === draft.roomId ? ['retry', first] : ['key_elsewhere', message]
    if (messages === undefined) return ['no_room', message]
    if (this.strangers.has(draft.sender.id)) return ['not_member', message]
    messages.push(message)
    return ['sent', message]
  }
}

export interface AppendCall {
  readonly lane: number
  readonly batch: Batch
}

export function away(): ChatError {
  return new ChatError('unavailable', 'away')
}

type Step = (call: AppendCall) => Promise<void> | void

function notExpected(name: string): () => never {
  return () => {
    throw new Error(`${name} is not expected here`)
  }
}
