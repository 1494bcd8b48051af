import type { Role, RoomView } from '../../src/client/index.ts'
import type { Random } from '../e2e/random.ts'
import type { Device } from './device.ts'
import { OWN_ACTS } from './own-acts.ts'
import { STAFF_ACTS } from './staff-acts.ts'
import type { Acts, At } from './world.ts'

export const ACTS: Acts = {
  send: [30, ({ view, number }) => view?.send(`word ${number}`)],
  'send many': [3, ({ view, number }) => MANY.map((each) => view?.send(`word ${number}, ${each}`))],
  reply: [8, ({ view, shown, any }) => view?.send('an answer', inReplyTo(any(shown?.messages)))],
  'reply aside': [
    6,
    ({ view, shown, any }) => view?.send('aside', { ...inReplyTo(any(shown?.messages)), inRoom: false }),
  ],
  mention: [8, ({ view, other, number }) => view?.send(`word ${number} @${other.username}`)],
  'mention all': [3, ({ view, number }) => view?.send(`word ${number} @room`)],
  'mention those online': [2, ({ view, number }) => view?.send(`word ${number} @online`)],
  'send metadata': [3, ({ view, number }) => view?.send(`word ${number}`, { metadata: { number } })],
  edit: [12, ({ view, own, number }) => own && view?.edit(own.seq, `other word ${number}`)],
  'edit a mention': [
    5,
    ({ view, own, other, number }) => own && view?.edit(own.seq, `other word ${number} @${other.username}`),
  ],
  'edit metadata': [
    4,
    ({ view, own, any, number }) =>
      own && view?.edit(own.seq, `other word ${number}`, { metadata: any([null, { number }]) ?? null }),
  ],
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
  pin: [3, ({ view, shown, any }) => view?.pin(any(shown?.messages)?.seq ?? 0, true)],
  unpin: [2, ({ view, shown, any }) => view?.pin(any(shown?.messages)?.seq ?? 0, false)],
  read: [8, ({ view }) => view?.read()],
  'read a part': [4, ({ view, shown, any }) => view?.read(any(shown?.messages)?.seq ?? 0)],
  delivered: [2, ({ api, room, shown }) => api.rooms.mark(room, { delivered_seq: shown?.position ?? 0 })],
  type: [3, ({ view }) => view?.typing(true)],
  'load older': [3, ({ view }) => view?.loadOlder(7)],
  join: [10, ({ api, room }) => api.rooms.join(room)],
  leave: [2, ({ api, view }) => view && api.rooms.leave(view.id)],
  invite: [10, ({ api, view, other }) => view && api.invitations.invite(view.id, [other.id])],
  withdraw: [3, ({ api, view, other }) => view && api.invitations.withdraw(view.id, other.id)],
  decline: [3, ({ api, room }) => api.invitations.decline(room)],
  remove: [6, ({ api, view, other }) => view && api.members.remove(view.id, other.id)],
  'set role': [
    12,
    ({ api, view, other, any }) => view && api.members.setRole(view.id, other.id, any(ROLES) ?? 'member'),
  ],
  describe: [
    5,
    ({ api, view, number }) => view && api.rooms.update(view.id, { description: `description ${number}` }),
  ],
  'describe by metadata': [
    3,
    ({ api, view, any, number }) =>
      view && api.rooms.update(view.id, { metadata: any([null, { number }]) ?? null }),
  ],
  create: [1, create],
  'delete room': [0.3, ({ api, room }) => api.rooms.delete(room)],
  direct: [2, async ({ api, other, world }) => world.rooms.push((await api.directs.open(other.id)).id)],
  'close and open': [3, ({ view, device }) => closeAndOpen(device, view)],
  forget: [1, ({ view, device }) => forgetAndOpen(device, view)],
  disconnect: [4, ({ device }) => device.client.disconnect()],
  connect: [14, ({ device }) => device.client.connect()],
  reload: [1, ({ device }) => device.reload()],
  'cut all': [0.5, ({ world }) => world.cutAll()],
  restart: [0.1, ({ world }) => world.restart()],
  ...STAFF_ACTS,
  ...OWN_ACTS,
}

export function randomAct(random: Random): string {
  let at = random.below(OFTEN * 10) / 10
  for (const [name, [often]] of Object.entries(ACTS)) {
    at -= often
    if (at < 0) return name
  }
  throw new Error('no act is left')
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

const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'member']
const REACTIONS = ['👍', '❤️', 'tada']
const MANY = Array.from({ length: 30 }, (_, i) => i)
const OFTEN = Object.values(ACTS).reduce((sum, [often]) => sum + often, 0)
