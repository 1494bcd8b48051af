/*
 * v2 over REST: one file of routes per resource, `queries.ts` and `paths.ts` for the parts of URLs, `cursor.ts` for pages.
 */
import { Elysia } from 'elysia'
import type { Server } from '../../../server/index.ts'
import { attachmentRoutes } from './attachments.ts'
import { blockRoutes } from './blocks.ts'
import { draftRoutes } from './drafts.ts'
import { fileRoutes } from './files.ts'
import { findingRoutes } from './finding.ts'
import { historyRoutes } from './history.ts'
import { meRoutes } from './me.ts'
import { memberRoutes } from './members.ts'
import { membershipRoutes } from './memberships.ts'
import { mentionRoutes } from './mentions.ts'
import { messageRoutes } from './messages.ts'
import { moderationRoutes } from './moderation.ts'
import { notificationRoutes } from './notifications.ts'
import { pinRoutes } from './pins.ts'
import { privateRoutes } from './private.ts'
import { reactionRoutes } from './reactions.ts'
import { readingRoutes } from './reading.ts'
import { reportRoutes } from './reports.ts'
import { revisionRoutes } from './revisions.ts'
import { roomRoutes } from './rooms.ts'
import { savedRoutes } from './saved.ts'
import { searchRoutes } from './search.ts'
import { threadRoutes } from './threads.ts'
import { userRoutes } from './users.ts'

export { UPLOADS } from './attachments.ts'

export function v2Rest(server: Server) {
  return new Elysia({ name: 'v2-rest' })
    .use(userRoutes(server))
    .use(meRoutes(server))
    .use(membershipRoutes(server))
    .use(privateRoutes(server))
    .use(draftRoutes(server))
    .use(savedRoutes(server))
    .use(roomRoutes(server))
    .use(findingRoutes(server))
    .use(searchRoutes(server))
    .use(memberRoutes(server))
    .use(messageRoutes(server))
    .use(historyRoutes(server))
    .use(revisionRoutes(server))
    .use(reactionRoutes(server))
    .use(pinRoutes(server))
    .use(threadRoutes(server))
    .use(readingRoutes(server))
    .use(attachmentRoutes(server))
    .use(fileRoutes(server))
    .use(mentionRoutes(server))
    .use(notificationRoutes(server))
    .use(moderationRoutes(server))
    .use(reportRoutes(server))
    .use(blockRoutes(server))
}
