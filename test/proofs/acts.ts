import type { Role, RoomSnapshot, RoomView } from '../../src/client/index.ts'
import type { Random } from '../e2e/random.ts'
import type { Device } from './device.ts'

export interface World {
  readonly devices: readonly Device[]
  /** All rooms that were ever created. */
  readonly rooms: number[]
  readonly random: Random
  /** Cuts all connections. */
  cutAll(): void
  restart(): Promise<void>
}

/** Something that a device may do, with its weight among all acts. An act that is not possible at the moment does nothing or is refused. */
export const ACTS: Readonly<Record<string, readonly [often: number, act: (at: At) => unknown]>> = {
  send: [30, ({ view, number }) => view?.send(`word ${number}`)],
  'send many': [3, ({ view, number }) => MANY.map((each) => view?.send(`word ${number}, ${each}`))],
  reply: [8, ({ view, shown, any }) => view?.send('an answer', inReplyTo(any(shown?.messages)))],
  'reply aside': [
    3,
    ({ view, shown, any }) => view?.send('aside', { ...inReplyTo(any(shown?.messages)), inRoom: false }),
  ],
  edit: [16, ({ view, own, number }) => own && view?.edit(own.seq, `other word ${number}`)],
  delete: [6, ({ view, own }) => own && view?.delete(own.seq)],
  moderate: [2, ({ view, shown, any }) => view?.delete(any(shown?.messages)?.seq ?? 0)],
  react: [
    14,
    ({ view, shown, any }) => view?.react(any(shown?.messages)?.seq ?? 0, any(REACTIONS) ?? '👍', true),
  ],
  'react no more': [
    8,
    ({ view, shown, any }) => view?.react(any(shown?.messages)?.seq ?? 0, any(REACTIONS) ?? '👍', false),
  ],
  read: [8, ({ view }) => view?.read()],
  'read a part': [4, ({ view, shown, any }) => view?.read(any(shown?.messages)?.seq ?? 0)],
  delivered: [2, ({ api, room, shown }) => api.rooms.mark(room, { delivered_seq: shown?.position ?? 0 })],
  type: [3, ({ view }) => view?.typing(true)],
  'load older': [3, ({ view }) => view?.loadOlder(7)],
  join: [10, ({ api, room }) => api.rooms.join(room)],
  leave: [2, ({ api, view }) => view && api.rooms.leave(view.id)],
  invite: [10, ({ api, view, other }) => view && api.invitations.invite(view.id, [other])],
  withdraw: [3, ({ api, view, other }) => view && api.invitations.withdraw(view.id, other)],
  decline: [3, ({ api, room }) => api.invitations.decline(room)],
  remove: [6, ({ api, view, other }) => view && api.members.remove(view.id, other)],
  'set role': [
    12,
    ({ api, view, other, any }) => view && api.members.setRole(view.id, other, any(ROLES) ?? 'member'),
  ],
  describe: [
    5,
    ({ api, view, number }) => view && api.rooms.update(view.id, { description: `description ${number}` }),
  ],
  create: [1, create],
  'delete room': [0.3, ({ api, room }) => api.rooms.delete(room)],
  direct: [2, async ({ api, other, world }) => world.rooms.push((await api.directs.open(other)).id)],
  'close and open': [3, ({ view, device }) => closeAndOpen(device, view)],
  forget: [1, ({ view, device }) => forgetAndOpen(device, view)],
  disconnect: [4, ({ device }) => device.client.disconnect()],
  connect: [14, ({ device }) => device.client.connect()],
  reload: [1, ({ device }) => device.reload()],
  'cut all': [0.5, ({ world }) => world.cutAll()],
  restart: [0.1, ({ world }) => world.restart()],
}

export function randomAct(random: Random): string {
  let at = random.below(OFTEN * 10) / 10
  for (const [name, [often]] of Object.entries(ACTS)) {
    at -= often
    if (at < 0) return name
  }
  throw new Error('no act is left')
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
    other: any(devices)?.who.id ?? 0,
    number,
    any,
  }
}

async function create({ api, world, number, any }: At): Promise<void> {
  const name = `room ${number} ${crypto.randomUUID()}`
  const { id } = await api.rooms.create({
    name,
    kind: any(['public', 'private', 'game'] as const) ?? 'public',
  })
  world.rooms.push(id)
}

function closeAndOpen(device: Device, view: RoomView | undefined): void {
  if (view === undefined) return
  view.close()
  device.follow(view.id)
}

function forgetAndOpen(device: Device, view: RoomView | undefined): void {
  if (view === undefined) return
  device.forget(view.id)
  device.follow(view.id)
}

function inReplyTo(message: { readonly seq: number } | undefined): { replyTo?: number } {
  return message === undefined ? {} : { replyTo: message.seq }
}

interface At {
  readonly world: World
  readonly device: Device
  readonly api: Device['client']['api']
  /** A room that the device follows. The other values are chosen from everything. */
  readonly view: RoomView | undefined
  readonly shown: RoomSnapshot | undefined
  /** A message of the device's user in that room. */
  readonly own: { readonly seq: number } | undefined
  readonly room: number
  readonly other: number
  /** Of the act. */
  readonly number: number
  any<T>(all: readonly T[] | undefined): T | undefined
}

const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'member']
const REACTIONS = ['👍', '❤️', 'tada']
const MANY = Array.from({ length: 30 }, (_, i) => i)
const OFTEN = Object.values(ACTS).reduce((sum, [often]) => sum + often, 0)
