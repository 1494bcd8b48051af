import type { Seq } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { errors } from '../errors.ts'
import { notificationSettings } from '../notification-settings.ts'
import { notificationsBody } from '../private-bodies.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { MessagePath, messageAt, RoomPath, roomAt } from './paths.ts'

/** What the caller wants to be notified of. */
export function notificationRoutes(server: Server) {
  const { notifications } = server.chat

  async function read(request: Request, room: string, message: Seq | null): Promise<wire.Notifications> {
    const { id } = await callerOf(server, request)
    return notificationsBody(await notifications.get(roomAt({ room }).id, id, message))
  }

  async function write(
    request: Request,
    room: string,
    message: Seq | null,
    put: wire.NotificationsPut | null,
  ): Promise<wire.Notifications> {
    const { id } = await callerOf(server, request)
    const wanted = put === null ? null : notificationSettings(put)
    return notificationsBody(await notifications.set(roomAt({ room }).id, id, message, wanted))
  }

  const ofRoom = '/rooms/:room/notifications'
  const ofThread = '/rooms/:room/messages/:seq/thread/notifications'
  return group('notifications')
    .get(ofRoom, ({ params, request }) => read(request, params.room, null), {
      params: RoomPath,
      response: { 200: wire.Notifications, ...errors.readRoom },
      detail: {
        operationId: 'getNotifications',
        summary: 'What the caller wants to be notified of in a room',
      },
    })
    .put(ofRoom, ({ params, body, request }) => write(request, params.room, null, body), {
      params: RoomPath,
      body: wire.NotificationsPut,
      response: { 200: wire.Notifications, ...errors.changeRoom },
      detail: {
        operationId: 'setNotifications',
        summary: 'Set what the caller wants to be notified of in a room',
      },
    })
    .get(ofThread, ({ params, request }) => read(request, params.room, messageAt(params).seq), {
      params: MessagePath,
      response: { 200: wire.Notifications, ...errors.readRoom },
      detail: {
        operationId: 'getThreadLevel',
        summary: 'What the caller wants to be notified of in a thread',
      },
    })
    .put(ofThread, ({ params, body, request }) => write(request, params.room, messageAt(params).seq, body), {
      params: MessagePath,
      body: wire.NotificationsPut,
      response: { 200: wire.Notifications, ...errors.changeRoom },
      detail: {
        operationId: 'setThreadLevel',
        summary: 'Set what the caller wants to be notified of in a thread, in place of what the room has',
      },
    })
    .delete(ofThread, ({ params, request }) => write(request, params.room, messageAt(params).seq, null), {
      params: MessagePath,
      response: { 200: wire.Notifications, ...errors.changeRoom },
      detail: {
        operationId: 'unsetThreadLevel',
        summary: 'Let a thread notify the caller as its room does',
      },
    })
}
