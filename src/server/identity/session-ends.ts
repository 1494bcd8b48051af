import type { Signal, Signals } from '../../core/index.ts'
import type { AuthSession } from './provider.ts'

/** The name of the provider of Parley's own tokens. */
export const TOKENS = 'token'

type Listener = (session: AuthSession) => void

/** Carries the ends of sessions to every node, this one included: at once, at most once, as `Signals` does. */
export interface SessionEnds {
  /** Tells every node that a session was ended before it expired. Never throws. */
  publish(session: AuthSession): void
  /** Calls back for the ends of one provider's sessions. @returns what ends the calls */
  watch(provider: string, listener: Listener): () => void
  /** Tells the listeners what a node has published. */
  heard(signal: SessionEnd): void
}

export type SessionEnd = Extract<Signal, { type: 'token_revoked' }>

export function createSessionEnds(signals: Signals): SessionEnds {
  const listeners = new Map<string, Set<Listener>>()
  return {
    publish({ provider, id, userId }) {
      const end = { type: 'token_revoked', userId, hash: id } as const
      signals.publish(provider === TOKENS ? end : { ...end, provider })
    },
    watch(provider, listener) {
      const those = listeners.get(provider) ?? new Set()
      listeners.set(provider, those.add(listener))
      return () => void those.delete(listener)
    },
    heard({ provider = TOKENS, hash, userId }) {
      for (const listener of listeners.get(provider) ?? []) listener({ provider, id: hash, userId })
    },
  }
}
