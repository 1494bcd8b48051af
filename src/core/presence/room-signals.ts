/* The signals about one user that go to the listeners of rooms. */
import { furthest } from '../model.ts'
import type { Signal } from '../ports.ts'

/** About one user in one room, which users can cause as often as they like. */
export type UserSignal = Extract<Signal, { type: 'typing' | 'marks' | 'arrived' | 'departed' }>

/** About one user in rooms that list who is online. */
export type PresenceSignal = Extract<Signal, { type: 'presence' }>

/** Arrivals and departures are one kind, since the later one of a user replaces the earlier one. */
export type SignalKind = 'typing' | 'marks' | 'visit' | 'presence'

export function isUserSignal(signal: Signal): signal is UserSignal {
  return signal.type === 'typing' || signal.type === 'marks' || isVisit(signal)
}

export function isVisit({ type }: Signal): boolean {
  return type === 'arrived' || type === 'departed'
}

export function kindOf({ type }: UserSignal | PresenceSignal): SignalKind {
  return type === 'arrived' || type === 'departed' ? 'visit' : type
}

/** Returns the later of two signals. Marks only move forward, and those of two nodes may come in either order, so the furthest count. */
export function merged<S extends Signal>(known: S, signal: S): S {
  if (signal.type !== 'marks' || known.type !== 'marks') return signal
  const readSeq = furthest(signal.readSeq, known.readSeq)
  return { ...signal, readSeq, deliveredSeq: furthest(signal.deliveredSeq, known.deliveredSeq) }
}
