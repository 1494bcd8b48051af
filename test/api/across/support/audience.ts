import { expect } from 'bun:test'
import { until } from '../../../support/until.ts'
import { type ContractCase, contractsOf } from './contracts.ts'
import type { Room } from './people.ts'
import { asUnread } from './shapes.ts'
import { type Listener, listen } from './sockets.ts'
import type { Standpoint } from './standpoint.ts'
import type { Stored } from './stored.ts'

export interface Listening {
  readonly contract: ContractCase
  readonly at: Standpoint
  readonly listener: Listener
}

/** One socket of each contract that can be in the room, all the same person's. */
export function listenThroughAll(at: Standpoint): Promise<Listening[]> {
  return Promise.all(
    contractsOf(at.room.kind).map(async (contract) => ({
      contract,
      at,
      listener: await listen(contract, at),
    })),
  )
}

/**
 * Waits for the last message, and expects what came to be one stretch of what is stored, up to the end.
 * @returns that stretch
 */
export async function expectEnd(
  { contract, listener }: Listening,
  room: Room,
  stored: readonly Stored[],
): Promise<readonly Stored[]> {
  const shown = stored.map((message) => contract.show(message, room))
  const last = JSON.stringify(shown.at(-1))
  await until(
    () => JSON.stringify(asUnread(listener.messages().at(-1))) === last,
    `the last message on ${contract.name}`,
  )
  const came = listener.messages().map(asUnread)
  expect(came).toEqual(shown.slice(shown.length - came.length))
  if (contract.name === 'direct chats') expect(came).toHaveLength(shown.length)
  return stored.slice(stored.length - came.length)
}

/** Expects what came on a socket that is closed to be one stretch of what it may show. @returns that stretch */
export function expectStretch(
  { contract, listener }: Listening,
  room: Room,
  allowed: readonly Stored[],
): readonly Stored[] {
  const came = listener.messages().map(asUnread)
  if (came.length === 0) return []
  const shown = allowed.map((message) => contract.show(message, room))
  const first = JSON.stringify(came[0])
  const start = shown.findIndex((frame) => JSON.stringify(frame) === first)
  expect(came).toEqual(shown.slice(Math.max(0, start), start + came.length))
  return allowed.slice(start, start + came.length)
}

export interface Opening {
  /** Those that were let in, so far. */
  opened(): readonly Listening[]
  /** Resolves once each of the contracts has refused a handshake. */
  readonly refused: Promise<void>
}

/** Opens sockets of every contract, one after another, until they are refused. */
export function openUntilRefused(at: Standpoint): Opening {
  const found: Listening[] = []
  async function run(contract: ContractCase): Promise<void> {
    for (let count = 0; count < MOST; count++) {
      const listener = await listen(contract, at).catch(() => null)
      if (listener === null) return
      found.push({ contract, at, listener })
    }
    throw new Error(`${MOST} sockets of ${contract.name} were let in`)
  }
  const refused = Promise.all(contractsOf(at.room.kind).map(run)).then(() => undefined)
  refused.catch(() => undefined)
  return { opened: () => found, refused }
}

/** Of one contract; a machine that lets in more in the time of a request is too fast to be true. */
const MOST = 400
