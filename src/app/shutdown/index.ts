/*
 * How the process stops, and how it closes all connections so that clients come back spread out.
 */
export { sendAway } from './send-away.ts'
export { shutDown } from './shutdown.ts'
