/*
 * The AsyncAPI document of the socket. Messages and schemas are generated from those of the wire. The code here only says how
 * they are related: which result answers which request, what arrives when, how to connect. `asyncapi/` has the parts.
 */
import { createComponents, type ShownSettings } from '../../server/index.ts'
import { channel, securitySchemesOf, serversOf } from './asyncapi/connecting.ts'
import { messagesOf, payloadSchemas } from './asyncapi/messages.ts'
import { operationsOf } from './asyncapi/operations.ts'
import * as wire from './wire/index.ts'

/** Plain JSON, from the server's point of view, as AsyncAPI defines it: the server receives requests, and sends all other frames. */
export function asyncApi(settings: ShownSettings) {
  const components = createComponents(settings)
  const messages = messagesOf(components.naming({ ...payloadSchemas(), ...wire }))
  const names = Object.keys(messages)
  const securitySchemes = securitySchemesOf(settings)
  return {
    asyncapi: '3.0.0',
    info: { title: 'Parley v2 socket', version: `${wire.PROTOCOL}.0.0`, description: about },
    defaultContentType: 'application/json',
    servers: serversOf(Object.keys(securitySchemes), settings.basePath),
    channels: {
      socket: { ...channel, messages: refs(names, (name) => `#/components/messages/${name}`) },
    },
    operations: operationsOf(),
    components: { messages, schemas: components.used(), securitySchemes },
  }
}

const about = `One connection, many rooms. Every frame is a JSON object in a text frame, told apart by its \`type\`. On a connection that has asked for it, by \`?batch=1\` or with \`auth\`, a text frame may instead be a JSON array of such objects, to be handled in order: messages \`batch\` and \`batch.request\`.

Ids and numbers are integers up to 2^53-1, times are ISO 8601 in UTC with milliseconds. Fields and types that a client does not know are to be ignored: new ones may come within this version.

A request with an \`id\` gets exactly one answer that carries it, \`result\` or \`error\`; one without gets an answer only where it is refused.

What happens durably in a room takes the room's next number, \`seq\`, and is sent in that order, without a gap. Frames without \`seq\` are of the moment: they are neither stored nor repeated.`

function refs(names: readonly string[], to: (name: string) => string): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: to(name) }]))
}
