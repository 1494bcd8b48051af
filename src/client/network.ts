import type { Network } from './environment.ts'

/**
 * Follows the engine's events about the network and the page. They may be wrong, so they only hasten what would happen anyway.
 * Returns a function that stops this.
 */
export function followNetwork(network: Network | null, link: { probe(): void; hurry(): void }): () => void {
  function back(): void {
    link.hurry()
    link.probe()
  }

  function shown(): void {
    if (network?.document?.visibilityState !== 'hidden') back()
  }

  // The user looks at the page again: its timers may have been suspended, and its connection may be gone.
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
