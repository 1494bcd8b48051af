/** Runs the function once, on the first call; a failure is not kept. */
export function once<T>(run: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null
  return () => {
    result ??= run().catch((error: unknown) => {
      result = null
      throw error
    })
    return result
  }
}
