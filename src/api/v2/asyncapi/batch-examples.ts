import type { FrameBatch, RequestBatch } from '../wire/index.ts'
import type { Example } from './example-types.ts'
import * as story from './story.ts'

export const requestBatches: readonly Example<RequestBatch>[] = [
  {
    summary: 'Two messages at once',
    payload: [
      { type: 'send', id: 12, room: 7, body: 'Hello, World!', client_id: '01J9Z8-0' },
      { type: 'send', id: 13, room: 7, body: 'How are you?', client_id: '01J9Z8-1' },
    ],
  },
]

export const frameBatches: readonly Example<FrameBatch>[] = [
  {
    summary: 'A message, and its edit',
    payload: [
      { type: 'message', room: 7, seq: 43, message: story.hello },
      { type: 'edited', room: 7, seq: 44, message: story.helloEdited },
    ],
  },
]
