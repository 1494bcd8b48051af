import { all } from '../../src/client/index.ts'
import { until } from '../support/until.ts'
import type { Device } from './device.ts'
import type { Acts, At } from './world.ts'

/** What the staff of rooms does, and users between themselves. Each restraint is lifted more often than it is imposed. */
export const STAFF_ACTS: Acts = {
  ban: [2, ({ api, view, other }) => view && api.moderation.ban(view.id, other.id)],
  'ban for an hour': [
    1,
    ({ api, view, other }) => view && api.moderation.ban(view.id, other.id, { until: inAnHour() }),
  ],
  unban: [9, ({ api, room, other }) => api.moderation.unban(room, other.id)],
  mute: [3, ({ api, view, other }) => view && api.moderation.mute(view.id, other.id)],
  'mute for an hour': [
    1,
    ({ api, view, other }) => view && api.moderation.mute(view.id, other.id, { until: inAnHour() }),
  ],
  unmute: [9, ({ api, view, other }) => view && api.moderation.unmute(view.id, other.id)],
  'only the staff posts': [2, ({ api, view }) => view && api.rooms.update(view.id, { posting: 'staff' })],
  'everyone posts': [6, ({ api, view }) => view && api.rooms.update(view.id, { posting: 'everyone' })],
  'slow mode': [2, slowDown],
  block: [1, block],
  unblock: [3, ({ api, other }) => api.blocks.unblock(other.id)],
}

/** Until everyone may send as fast as before: what was refused waits for a second. */
export async function endSlowMode(devices: readonly Device[]): Promise<void> {
  for (const { client, who } of devices) {
    const end = async () => {
      const rooms = await Array.fromAsync(all((page) => client.api.rooms.list(page)))
      const slow = rooms.filter(
        ({ slow_mode, role }) => slow_mode > 0 && (role === 'owner' || role === 'admin'),
      )
      for (const { id } of slow) await client.api.rooms.update(id, { slow_mode: 0 })
      return true
    }
    // A connection from before may still be cut off.
    await until(() => end().catch(() => false), `${who.username} to end slow mode`)
  }
}

function block({ api, device, other, world }: At): Promise<void> {
  world.blocked.add(`${device.who.id} ${other.id}`)
  return api.blocks.block(other.id)
}

/** For a moment, because messages that are refused wait for a second. */
async function slowDown({ api, view }: At): Promise<void> {
  if (view === undefined) return
  await api.rooms.update(view.id, { slow_mode: 1 })
  await api.rooms.update(view.id, { slow_mode: 0 })
}

function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString()
}
