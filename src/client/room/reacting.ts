import { badAnswer } from '../errors.ts'
import { isReacted, type Reacted, type Seq } from '../wire.ts'
import type { RoomContext } from './context.ts'

/** Adds and removes the user's reactions. The view shows them from the request on. */
export function createReacting({ id, line, state, dispatch }: RoomContext) {
  let requests = 0

  return async (message: Seq, reaction: string, on: boolean): Promise<Reacted> => {
    const request = ++requests
    const entry = { request, message, reaction, on, me: state().me, shownAt: null }
    dispatch({ type: 'reacting', entry })
    try {
      const data = await line.request({ type: 'react', room: id, seq: message, reaction, on })
      if (!isReacted(data)) throw badAnswer()
      dispatch({ type: 'reacted', request, change: { reaction: data.reaction, shownAt: data.shown_at } })
      return data
    } catch (error) {
      dispatch({ type: 'unreacted', request })
      throw error
    }
  }
}
