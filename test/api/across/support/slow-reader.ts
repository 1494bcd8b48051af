import { Type as t } from '@sinclair/typebox'
import { openPacedSocket, type PacedSocket } from '../../../server/support/paced-socket.ts'
import { parse } from '../../support/shape.ts'

export interface SlowReader extends PacedSocket {
  /** The ids of the messages that it has read, in the order of coming. */
  readonly ids: readonly number[]
}

/** A client of the direct chats' socket that reads only when told to, and answers nothing. */
export async function openSlowReader(url: string): Promise<SlowReader> {
  const ids: number[] = []
  const socket = await openPacedSocket(url, (text) => {
    ids.push(parse(Frame, JSON.parse(text)).message.id)
  })
  return { ...socket, ids }
}

const Frame = t.Object({ message: t.Object({ id: t.Integer() }) })
