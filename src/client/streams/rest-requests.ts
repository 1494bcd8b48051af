import type { Http } from '../api/index.ts'
import type {
  ClientFrame,
  Drafted,
  Marked,
  MembershipPage,
  Memberships,
  Message,
  Pinned,
  PrivatePage,
  PrivateState,
  Reacted,
  ResultData,
  Revised,
  Saved,
  Sent,
  Told,
} from '../wire.ts'

/** The requests that need no connection of their own. */
export type RestFrame = Exclude<ClientFrame, { type: 'auth' | 'subscribe' | 'unsubscribe' }>

/** These mean nothing without a socket: others are not told who types here, and a ping of a stream says nothing. */
type Needless = 'typing' | 'ping'
/** The library asks for these over REST alone. */
type AskedOverRest =
  | 'ban'
  | 'unban'
  | 'mute'
  | 'unmute'
  | 'report'
  | 'thread_follow'
  | 'thread_read'
  | 'notifications'

/** Makes a socket's request over REST. @returns what the socket would have answered. Rejects with a ParleyError. */
export async function requestOverRest({ call }: Http, frame: RestFrame): Promise<ResultData> {
  switch (frame.type) {
    case 'send': {
      const { type, room, client_id: idempotencyKey, ...body } = frame
      const message: Message = await call('POST', `/rooms/${room}/messages`, { body, idempotencyKey })
      return sentOf(message)
    }
    case 'edit': {
      const { type, room, seq, ...body } = frame
      return revisedOf(await call('PATCH', `/rooms/${room}/messages/${seq}`, { body }))
    }
    case 'delete':
      return revisedOf(await call('DELETE', `/rooms/${frame.room}/messages/${frame.seq}`))
    case 'react': {
      const { room, seq, reaction, on } = frame
      const path = `/rooms/${room}/messages/${seq}/reactions/${encodeURIComponent(reaction)}`
      const reacted: Reacted = await call(on ? 'PUT' : 'DELETE', path)
      return reacted
    }
    case 'pin': {
      const { room, seq, on } = frame
      const pinned: Pinned = await call(on ? 'PUT' : 'DELETE', `/rooms/${room}/messages/${seq}/pin`)
      return pinned
    }
    case 'read':
    case 'delivered': {
      const body = frame.type === 'read' ? { read_seq: frame.seq } : { delivered_seq: frame.seq }
      const marked: Marked = await call('PUT', `/rooms/${frame.room}/marks`, { body })
      return marked
    }
    case 'memberships': {
      const { after, epoch } = frame
      return membershipsOf(await call('GET', '/me/changes', { query: { after, epoch, limit: 200 } }))
    }
    case 'private': {
      const { after, epoch } = frame
      return privateOf(await call('GET', '/me/private', { query: { after, epoch, limit: 200 } }))
    }
    case 'draft': {
      const { type, room, id, ...body } = frame
      const drafted: Drafted = await call('PUT', `/me/drafts/${room}`, { body })
      return drafted
    }
    case 'save':
      return await call<Saved>(frame.on ? 'PUT' : 'DELETE', `/me/saved/${frame.room}/${frame.seq}`)
    case 'mark_unread':
      return await call<Marked>('PUT', `/rooms/${frame.room}/marks/unread`, { body: { seq: frame.seq } })
    case 'ephemeral': {
      const { type, room, ...body } = frame
      return await call<Told>('POST', `/rooms/${room}/ephemeral`, { body })
    }
    default:
      // Does not compile if a request is missing here.
      frame.type satisfies Needless | AskedOverRest
      return {}
  }
}

function sentOf({ room, seq, id: message, client_id, created_at }: Message): Sent {
  return { room, seq, message, client_id, created_at }
}

function revisedOf({ room, seq, version }: Message): Revised {
  return { room, seq, version: version ?? seq }
}

function privateOf({ items: entries, head, next, reset }: PrivatePage): PrivateState {
  return { entries, head, more: next !== null, ...(reset === undefined ? {} : { reset }) }
}

function membershipsOf({ items: memberships, head, next, reset }: MembershipPage): Memberships {
  return { memberships, head, more: next !== null, ...(reset === undefined ? {} : { reset }) }
}
