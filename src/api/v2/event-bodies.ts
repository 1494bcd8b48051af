import * as core from '../../core/index.ts'
import { isoTime } from '../shared/index.ts'
import { messageBody, reactionCount, threadBody, timeOrNull, userRef } from './bodies.ts'
import { metadataOf } from './details-bodies.ts'
import type * as wire from './wire/index.ts'

/** Returns the event as v2 shows it, over REST and the socket. */
export function eventBody(event: core.RoomEvent): wire.RoomEvent {
  return core.perType(bodies, event)
}

/** The form of each type of event on the wire. */
const bodies: core.PerType<wire.RoomEvent> = {
  message: messageEvent,
  edited: messageEvent,
  deleted: messageEvent,
  joined: memberEvent,
  left: memberEvent,
  removed: memberEvent,
  invited: memberEvent,
  uninvited: memberEvent,
  role: memberEvent,
  described: roomEvent,
  rules: rulesEvent,
  banned: restraintEvent,
  unbanned: restraintEvent,
  muted: restraintEvent,
  unmuted: restraintEvent,
  reaction: reactionEvent,
  pin: pinEvent,
}

function messageEvent({ type, roomId: room, seq, message }: core.MessageEvent): wire.MessageEvent {
  const body = { type, room, seq, message: messageBody(message) }
  return message.thread === null ? body : { ...body, thread: threadBody(message.thread) }
}

function memberEvent(event: core.MemberEvent): wire.MemberEvent {
  const { roomId: room, seq, type: change, role } = event
  const [user, actor] = [userRef(event.user), userRef(event.actor)]
  return { type: 'member', room, seq, change, user, actor, role, at: isoTime(event.at) }
}

function roomEvent(event: core.DescribedEvent): wire.RoomChangedEvent {
  const { roomId: room, seq, description, avatar } = event
  return {
    type: 'room',
    room,
    seq,
    actor: userRef(event.actor),
    description,
    avatar,
    ...metadataOf(event),
    at: isoTime(event.at),
  }
}

function reactionEvent(event: core.ReactionEvent): wire.ReactionEvent {
  const { type, roomId: room, seq, message, reactions, changed, at } = event
  return {
    type,
    room,
    seq,
    message,
    reactions: reactions.map(reactionCount),
    changed: changed.map(({ reaction, added, removed }) => ({
      reaction,
      added: [...added],
      removed: [...removed],
    })),
    at: isoTime(at),
  }
}

function rulesEvent(event: core.RulesEvent): wire.RulesEvent {
  const { type, roomId: room, seq, posting, slowMode: slow_mode } = event
  return { type, room, seq, actor: userRef(event.actor), posting, slow_mode, at: isoTime(event.at) }
}

function restraintEvent(event: core.RestraintEvent): wire.RestraintEvent {
  const { type: change, roomId: room, seq, until, at } = event
  const [user, actor] = [userRef(event.user), userRef(event.actor)]
  return { type: 'restraint', room, seq, change, user, actor, until: timeOrNull(until), at: isoTime(at) }
}

function pinEvent({ type, roomId: room, seq, message, on, actor, at }: core.PinEvent): wire.PinEvent {
  return { type, room, seq, message, on, actor: userRef(actor), at: isoTime(at) }
}
