/*
 * The port: what listens on it, its certificate, and WebSocket handshakes.
 */
export { type Certificate, loadCertificate } from './certificate.ts'
export { type FollowedCertificate, followCertificate } from './follow-certificate.ts'
export { createListener } from './listener.ts'
