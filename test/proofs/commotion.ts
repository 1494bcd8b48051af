import { Reacted, Revised, Sent } from '../../src/api/v2/wire/index.ts'
import { ChatError, type RoomId } from '../../src/core/index.ts'
import type { Person } from '../api/v2/support/people.ts'
import { connect, type V2Client } from '../api/v2/support/v2-client.ts'
import { createRandom, type Random } from '../e2e/random.ts'
import type { TestApp } from '../support/app.ts'

export interface CommotionOptions {
  readonly app: TestApp
  readonly room: RoomId
  readonly owner: Person
  /** Members who send, edit and delete, each doing one thing at a time. */
  readonly speakers: readonly Person[]
  /** Users who join and leave. */
  readonly passers: readonly Person[]
  readonly seed: number
}

export interface Commotion {
  /** The number of changes so far. @throws if something went wrong */
  readonly made: number
  /** Resolves once nothing is under way any more. */
  stop(): Promise<void>
}

/** Everything that can happen in a room, without a pause until it is stopped. */
export async function startCommotion(options: CommotionOptions): Promise<Commotion> {
  const { app, speakers, seed } = options
  let made = 0
  let stopped = false
  let fault: unknown = null
  const clients = await Promise.all(speakers.map((speaker) => connect(app, speaker)))

  async function keepOn(act: () => Promise<void>): Promise<void> {
    while (!stopped) {
      await act()
      made++
    }
  }

  const going = Promise.all([
    ...clients.map((client, i) => keepOn(talker(client, options.room, createRandom(seed + i)))),
    keepOn(warden(options, createRandom(seed - 1))),
  ]).catch((error: unknown) => {
    stopped = true
    fault = error
  })
  return {
    get made() {
      if (fault !== null) throw fault
      return made
    },
    async stop() {
      stopped = true
      await going
      if (fault !== null) throw fault
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}

/** Sends, and changes what it has sent. */
function talker(client: V2Client, room: RoomId, random: Random): () => Promise<void> {
  const own: number[] = []
  let said = 0

  /** Replies or reacts to a message. */
  async function follow(kind: number): Promise<void> {
    const seq = own[random.below(own.length)] ?? 0
    if (kind < 12) {
      const reply = { reply_to: seq, in_room: kind === 10, body: `answer ${++said} @room` } as const
      own.push((await client.result({ type: 'send', room, ...reply }, Sent)).seq)
    } else {
      const reaction = random.below(2) === 0 ? '👍' : 'tada'
      await client.result({ type: 'react', room, seq, reaction, on: kind === 12 }, Reacted)
    }
  }

  return async () => {
    const kind = random.below(14)
    if (kind > 9 && own.length > 0) return await follow(kind)
    const [seq] = kind < 7 ? [] : own.splice(random.below(own.length), 1)
    if (seq === undefined) {
      own.push((await client.result({ type: 'send', room, body: `word ${++said}` }, Sent)).seq)
    } else if (kind === 9) {
      await client.result({ type: 'delete', room, seq }, Revised)
    } else {
      await client.result({ type: 'edit', room, seq, body: `other word ${++said}` }, Revised)
      own.push(seq)
    }
  }
}

/** Has users join and leave, bans and mutes them, and changes the room's description and rules. */
function warden({ app, room, owner, passers }: CommotionOptions, random: Random): () => Promise<void> {
  const { membership, moderation, rooms } = app.chat
  const ref = { id: room }
  let described = 0
  return async () => {
    const passer = passers[random.below(passers.length)]
    if (passer === undefined) return
    const acts = [
      () => membership.invite(ref, owner, [passer.id]),
      () => membership.uninvite(ref, owner, passer.id),
      () => membership.join(ref, passer),
      () => membership.leave(ref, passer),
      () => membership.remove(ref, owner, passer.id),
      () => membership.setRole(ref, owner, passer.id, random.below(2) === 0 ? 'admin' : 'member'),
      () => moderation.ban(ref, owner, passer.id, {}),
      () => moderation.unban(ref, owner, passer.id),
      () => moderation.unban(ref, owner, passer.id),
      () => moderation.mute(ref, owner, passer.id, {}),
      () => moderation.unmute(ref, owner, passer.id),
      () => moderation.setRules(ref, owner, { posting: 'everyone' }),
      () => rooms.describe(ref, owner, { description: `description ${++described}` }),
    ]
    await possibly(acts[random.below(acts.length)])
  }
}

/** Ignores what rights or timing do not allow. */
async function possibly(act: (() => Promise<unknown>) | undefined): Promise<void> {
  try {
    await act?.()
  } catch (error) {
    if (!(error instanceof ChatError) || error.retryable) throw error
  }
}
