import { ChatError, WriteConflict } from '../errors.ts'

/** Runs a read-decide-write again where the facts changed in between. Gives up as a conflict after five times. */
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
