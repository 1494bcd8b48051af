import { expect } from 'bun:test'
import type { RoomId } from '../../../../src/core/index.ts'
import { id } from '../../../core/fakes/values.ts'
import { until } from '../../../support/until.ts'
import { type BusNode, openBusNode } from './bus-node.ts'
import { hears, Talk } from './talk.ts'

export const ROOM: RoomId = id(5)

/** Two nodes that hear each other, of which one has said something. */
export async function talking(url: string): Promise<{ one: BusNode; two: BusNode; talk: Talk }> {
  const one = await openBusNode(url)
  const two = await openBusNode(url)
  for (const node of [one, two]) await node.bus.listen(ROOM)
  const talk = new Talk(two)
  for (let i = 0; i < 20; i++) talk.say(one, ROOM)
  await until(() => two.heard.length === 20, 'what was said before')
  return { one, two, talk }
}

/** More is said until it comes; nothing of it, and of what was said before, was missed silently. */
export async function goOn(one: BusNode, two: BusNode, talk: Talk): Promise<void> {
  const before = two.heard.length
  await until(
    () => {
      talk.say(one, ROOM)
      return two.heard.length > before
    },
    'something to come again',
    20_000,
  )
  await until(() => one.bus.whole && two.bus.whole, 'both to be whole', 20_000)
  await until(() => talk.missing.length === 0, 'what was said to come, or to be told as lost')
  await hears(one, two, ROOM)
  await hears(two, one, ROOM)
  expect([one.faults, two.faults]).toEqual([[], []])
}
