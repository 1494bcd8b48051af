/**
 * What the server told of the history together with a position, to be given back with it. A new connection tells of the history as it
 * is then; until the position has been found to belong to that, what was told before counts.
 */
export interface HeldEpoch {
  /** undefined from a server that does not say. */
  told(): string | undefined
  /** The position is of the history that the present connection tells of. */
  held(): void
  /** The connection has ended. Call it before the next one is greeted. */
  disconnected(): void
  /** There is no position any more. */
  forget(): void
}

/** @param epoch returns what the present connection told last */
export function createHeldEpoch(epoch: () => string | undefined): HeldEpoch {
  let isHeld = false
  let before: string | undefined

  const told = () => (isHeld ? epoch() : before)
  return {
    told,
    held() {
      isHeld = true
    },
    disconnected() {
      before = told()
      isHeld = false
    },
    forget() {
      before = undefined
      isHeld = false
    },
  }
}
