/*
 * Connections without a WebSocket: frames come by server-sent events or long polls, and requests go over REST. They look like a socket's
 * connection to everything else.
 */
export { openStream, type StreamGiven } from './stream-connection.ts'
