import type { Network } from './environment.ts'

/**
 * Follows what the engine says of the network and of the page: it may be wrong, so it only hastens what would be done anyway.
 * Returns how to stop that.
 */
export function followNetwork(network: Network | null, link: { probe(): void; hurry(): void }): () => void {
  function back(): void {
    link.hurry()
    link.probe()
  }

  function shown(): void {
    if (network?.document?.visibilityState !== 'hidden') back()
  }

  // Somebody looks again: timers of a page that was asleep may have stood still, and its connection may be gone.
  const listeners: [string, () => void][] = [
    ['online', back],
    ['offline', link.probe],
    ['focus', back],
    ['pageshow', back],
    ['visibilitychange', shown],
  ]
  for (const [type, listener] of listeners) network?.addEventListener(type, listener)
  return () => {
    for (const [type, listener] of listeners) network?.removeEventListener(type, listener)
  }
}
