/*
 * Every REST route as a function. Bodies and responses are those of the wire, unchanged; every failure is a
 * `ParleyError`.
 */
import { attachmentCalls } from './attachments.ts'
import type { Http } from './http.ts'
import { messageCalls } from './messages.ts'
import { moderationCalls } from './moderation.ts'
import { privateCalls } from './private.ts'
import { roomCalls } from './rooms.ts'
import { userCalls } from './users.ts'

export { createHttp, type Http, type UploadOptions } from './http.ts'
export type { MessagesQuery, SearchFilters, SearchQuery } from './messages.ts'
export { all, type Page, type PageQuery } from './page.ts'
export { register, renewToken, type SignInOptions, signIn } from './sign-in.ts'

export function createApi(http: Http) {
  return {
    ...userCalls(http),
    ...roomCalls(http),
    ...messageCalls(http),
    ...attachmentCalls(http),
    ...privateCalls(http),
    ...moderationCalls(http),
  }
}

export type Api = ReturnType<typeof createApi>
