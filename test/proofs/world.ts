import type { Message, RoomSnapshot, RoomView } from '../../src/client/index.ts'
import type { Person } from '../api/v2/support/people.ts'
import type { Random } from '../e2e/random.ts'
import type { Device } from './device.ts'

export interface World {
  readonly devices: readonly Device[]
  /** All rooms that were ever created. */
  readonly rooms: number[]
  /** Who has ever blocked whom: the ids of the two. */
  readonly blocked: Set<string>
  readonly random: Random
  /** Cuts all connections. */
  cutAll(): void
  restart(): Promise<void>
}

/** Something that a device may do, with its weight among all acts. An act that is not possible at the moment does nothing or is refused. */
export type Acts = Readonly<Record<string, readonly [often: number, act: (at: At) => unknown]>>

export interface At {
  readonly world: World
  readonly device: Device
  readonly api: Device['client']['api']
  /** A room that the device follows. The other values are chosen from everything. */
  readonly view: RoomView | undefined
  readonly shown: RoomSnapshot | undefined
  /** A message of the device's user in that room. */
  readonly own: Message | undefined
  readonly room: number
  readonly other: Person
  /** Of the act. */
  readonly number: number
  any<T>(all: readonly T[] | undefined): T | undefined
}

/** What an act is about: a device, one of its rooms, and others. */
export function chooseAt(world: World, number: number): At {
  const { devices, rooms, random } = world
  const any = <T>(all: readonly T[] | undefined): T | undefined => all?.[random.below(all.length)]
  const device = any(devices)
  if (device === undefined) throw new Error('there is no device')
  const view = any(device.views)
  const shown = view?.getSnapshot()
  const own = shown?.messages.filter(
    ({ sender, deleted_at }) => sender.id === device.who.id && deleted_at === null,
  )
  return {
    world,
    device,
    api: device.client.api,
    view,
    shown,
    own: any(own),
    room: any(rooms) ?? 0,
    other: (any(devices) ?? device).who,
    number,
    any,
  }
}
