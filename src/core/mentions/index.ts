/*
 * Whom messages mention: what a client or a text asks for, who of that is a member, and who is notified.
 */
export { type MentionsAsked, type MentionsGiven, mentionsAsked, mentionsProblem } from './asked.ts'
export { notify } from './notices.ts'
export {
  type Addressed,
  createResolver,
  type MentionsOptions,
  MOST_REACHED,
  type NoticeReason,
  type Resolved,
  type ResolveMentions,
} from './resolver.ts'
