import { ChatError } from '../../../core/index.ts'
import type { Connection, Server, Session } from '../../../server/index.ts'
import { Answers } from './answers.ts'
import { frame, signalFrame } from './codec.ts'
import { Door } from './door.ts'
import type { V2SocketOptions } from './options.ts'
import { parseRequest } from './parse.ts'
import { createRequests } from './requests.ts'
import { Subscriptions } from './subscriptions.ts'

/** One socket, many rooms: what comes in, and what concerns the connection as a whole. */
export function v2Session(server: Server, options: V2SocketOptions, connection: Connection): Session {
  const answers = new Answers(connection, server.log)
  const door = new Door(server, options, connection, answers)
  const subscriptions = new Subscriptions(server, options, connection, answers)
  const requests = createRequests(server, options, connection, answers, subscriptions, door)

  return {
    opened() {
      door.hello()
    },

    text(text) {
      const parsed = parseRequest(text)
      if (!('request' in parsed)) {
        const { id, problem, field } = parsed
        answers.refuse(id, new ChatError('invalid', problem, field === null ? {} : { field }))
        return
      }
      try {
        requests.carryOut(parsed.request)
      } catch (error) {
        answers.refuse(parsed.request.id, error)
      }
    },

    binary() {
      answers.refuse(null, new ChatError('invalid', 'Frames must be text'))
    },

    closed() {
      door.close()
      requests.close()
      subscriptions.close()
    },

    removedFrom(room, reason, at) {
      const subscription = subscriptions.get(room)
      if (at === null || subscription?.ends(at)) subscription?.cancel(reason)
    },

    signal(signal) {
      if (!('roomId' in signal)) return
      // A membership concerns them anyway; marks concern who hears the room.
      if (signal.type !== 'membership' && subscriptions.get(signal.roomId) === undefined) return
      const shown = signalFrame(signal, signal.roomId)
      if (shown !== null) connection.send(frame(shown))
    },

    beat() {
      if (connection.speaker === null) return
      connection.send(frame({ type: 'heartbeat', heads: subscriptions.newHeads() }))
    },

    goingAway(delayMs) {
      connection.send(frame({ type: 'going_away', reconnect_after_ms: Math.round(delayMs) }))
    },
  }
}
