import { ClientFrame, ServerFrame } from '../../../../src/api/v2/wire/index.ts'
import { typesOf } from '../../v2/support/frame-types.ts'
import type { Example } from '../support/example.ts'

/** Frames that come only after some time, or when the server stops. */
const LATER = ['heartbeat', 'going_away']

/** Every request of the socket, and every type of frame that comes within a short talk; several in one, too. */
export function v2Examples(): Example[] {
  const requests = ClientFrame.anyOf.map(({ properties }) => ({ sends: { type: properties.type.const } }))
  const frames = ServerFrame.anyOf.flatMap(typesOf).filter((type) => !LATER.includes(type))
  return [
    ...requests,
    ...frames.map((type) => ({ receives: { type } })),
    { sends: [{ type: 'send' }, { type: 'send' }] },
    { receives: [{ type: 'message' }, { type: 'message' }] },
    { receives: [{ type: 'result' }, { type: 'result' }] },
  ]
}
