import type { Static } from '@sinclair/typebox'
import {
  type ClientFrame,
  Done,
  Drafted,
  Identified,
  Marked,
  Memberships,
  Notifications,
  OwnThread,
  PrivateState,
  Reacted,
  type ResultFrame,
  Revised,
  Saved,
  Sent,
  Subscribed,
  Told,
} from '../wire/index.ts'

/** The schema of the result's `data`, by the type of the request. */
export const answers = {
  auth: Identified,
  subscribe: Subscribed,
  unsubscribe: Done,
  send: Sent,
  ephemeral: Told,
  edit: Revised,
  delete: Revised,
  react: Reacted,
  read: Marked,
  mark_unread: Marked,
  delivered: Marked,
  thread_follow: OwnThread,
  thread_read: OwnThread,
  typing: Done,
  memberships: Memberships,
  private: PrivateState,
  draft: Drafted,
  save: Saved,
  notifications: Notifications,
  ping: Done,
} as const satisfies Record<ClientFrame['type'], (typeof ResultFrame.properties.data.anyOf)[number]>

export type Answer<Type extends ClientFrame['type']> = Static<(typeof answers)[Type]>
