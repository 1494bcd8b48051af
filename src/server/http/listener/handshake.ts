import { ChatError } from '../../../core/index.ts'

/** Returns whether these are the headers of a WebSocket handshake from which a proxy has taken `Upgrade`, as each does by default. */
export function lacksUpgrade(headers: Headers): boolean {
  return headers.has('sec-websocket-key') && !headers.has('upgrade')
}

/** @throws ChatError `invalid` unless these are the headers of a WebSocket handshake */
export function expectHandshake(headers: Headers): void {
  if (lacksUpgrade(headers)) {
    throw new ChatError('invalid', 'A proxy has not passed on the Upgrade header of the WebSocket handshake')
  }
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    throw new ChatError('invalid', 'This path is for WebSocket connections')
  }
  // RFC 6455, 4.2.1: a key is 16 bytes in base64. Bun would answer other versions by itself, in no contract's shape.
  const key = headers.get('sec-websocket-key') ?? ''
  if (headers.get('sec-websocket-version') !== '13' || !/^[+/0-9A-Za-z]{22}==$/.test(key)) {
    throw new ChatError('invalid', 'The WebSocket handshake is not valid')
  }
}
