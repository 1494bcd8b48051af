import type { Acts, At } from './world.ts'

/** What users keep for themselves, on all of their devices. */
export const OWN_ACTS: Acts = {
  save: [4, (at) => save(at, true)],
  'save no more': [3, (at) => save(at, false)],
  'mark unread': [5, ({ view, shown, any }) => view?.markUnread(any(shown?.messages)?.seq ?? 0)],
  draft: [4, ({ device, view, number }) => view && device.client.own.draft(view.id, `begun ${number}`)],
  'empty a draft': [2, ({ device, view }) => view && device.client.own.draft(view.id, '')],
  'choose a level': [
    3,
    ({ api, view, any }) => view && api.rooms.setNotifications(view.id, { level: any(LEVELS) ?? 'all' }),
  ],
  'choose a level for a thread': [
    2,
    ({ api, view, shown, any }) =>
      view &&
      api.rooms.setNotifications(view.id, { level: any(LEVELS) ?? 'all' }, any(shown?.messages)?.seq ?? 0),
  ],
  follow: [4, (at) => follow(at, true)],
  'follow no more': [2, (at) => follow(at, false)],
  'read a thread': [
    4,
    ({ api, view, shown, any }) => {
      const root = any(shown?.messages.filter(({ thread }) => thread !== undefined))
      return view && root && api.threads.read(view.id, root.seq, any(shown?.messages)?.seq ?? 0)
    },
  ],
}

function save({ device, view, shown, any }: At, on: boolean): unknown {
  return view && device.client.own.save(view.id, any(shown?.messages)?.seq ?? 0, on)
}

function follow({ api, view, shown, any }: At, on: boolean): unknown {
  return view && api.threads.follow(view.id, any(shown?.messages)?.seq ?? 0, on)
}

const LEVELS = ['all', 'mentions', 'none'] as const
