import { ClientFrame, type ServerFrame } from '../wire/index.ts'
import { FRAME_BATCH, REQUEST_BATCH, requestName, resultName } from './messages.ts'

export interface Operation {
  readonly action: 'send' | 'receive'
  readonly channel: Ref
  readonly summary: string
  readonly messages: readonly Ref[]
  readonly reply?: { readonly channel: Ref; readonly messages: readonly Ref[] }
}

/** One operation for each request, with its replies, and some for frames without a request. */
export function operationsOf(): Record<string, Operation> {
  const requests = ClientFrame.anyOf.map((schema): [string, Operation] => {
    const type = schema.properties.type.const
    return [
      type,
      {
        action: 'receive',
        channel,
        summary: schema.description ?? '',
        messages: [message(requestName(type))],
        reply: { channel, messages: [message(resultName(type)), message('error')] },
      },
    ]
  })
  const sent = Object.entries(pushes).map(([name, { summary, types }]): [string, Operation] => [
    name,
    { action: 'send', channel, summary, messages: types.map(message) },
  ])
  const batches: Record<string, Operation> = {
    requestTogether: {
      action: 'receive',
      channel,
      summary: 'Makes several requests in one frame; each is answered as if it had come alone',
      messages: [message(REQUEST_BATCH)],
    },
    sendTogether: {
      action: 'send',
      channel,
      summary: 'Sends several frames in one',
      messages: [message(FRAME_BATCH)],
    },
  }
  return Object.fromEntries([...requests, ...sent, ...Object.entries(batches)])
}

/** The frames that the server sends without a request, by occasion. */
const pushes: Record<string, { summary: string; types: readonly Exclude<ServerFrame['type'], 'result'>[] }> =
  {
    greet: { summary: 'Opens the connection and gives its limits', types: ['hello'] },
    tellEvent: {
      summary: 'Sends the durable events of a room, each with the next number',
      types: ['message', 'edited', 'deleted', 'member', 'room', 'reaction', 'restraint', 'rules', 'pin'],
    },
    bringUpToDate: {
      summary:
        'Serves a subscription: what was missed, that it is live, how the room stands, that it is over',
      types: ['changes', 'live', 'state', 'unsubscribed'],
    },
    tellMoment: {
      summary: "Sends signals of rooms and of the user's memberships and threads, which are not stored",
      types: ['marks', 'typing', 'presence', 'ephemeral', 'membership', 'thread', 'notify'],
    },
    tellPrivate: {
      summary: 'Sends what the user has changed for themselves, on any device',
      types: ['private'],
    },
    keepConnection: {
      summary: 'Shows that the server is alive, or that it is stopping',
      types: ['heartbeat', 'going_away'],
    },
    refuse: { summary: 'Refuses a frame without a valid id', types: ['error'] },
  }

const channel: Ref = { $ref: '#/channels/socket' }

function message(name: string): Ref {
  return { $ref: `#/channels/socket/messages/${name}` }
}

interface Ref {
  readonly $ref: string
}
