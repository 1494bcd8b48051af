import { ChatError, WriteConflict } from '../errors.ts'

/** Runs a read-decide-write again if the facts changed in between. Gives up with `conflict` after five attempts. */
export async function retryOnConflict<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error
      if (attempt === 5) throw new ChatError('conflict', 'The room is changing too fast, try again')
    }
  }
}
