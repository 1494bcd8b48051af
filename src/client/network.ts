import type { Network } from './environment.ts'

/** Follows what the engine says of the network: it may be wrong, so it only moves what would be done anyway. */
export function followNetwork(network: Network | null, link: { probe(): void; hurry(): void }): () => void {
  function back(): void {
    link.hurry()
    link.probe()
  }

  // A page that was asleep learns at once whether its connection has survived.
  const listeners: [string, () => void][] = [
    ['online', back],
    ['offline', link.probe],
    ['focus', link.probe],
    ['pageshow', link.probe],
  ]
  for (const [type, listener] of listeners) network?.addEventListener(type, listener)
  return () => {
    for (const [type, listener] of listeners) network?.removeEventListener(type, listener)
  }
}
