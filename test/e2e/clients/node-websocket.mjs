// Node before 22 has no WebSocket of its own: preloaded there, this is what a browser's client is given.
import { WebSocket } from 'ws'

globalThis.WebSocket ??= WebSocket
