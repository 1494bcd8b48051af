import type { ServerFrame } from '../wire.ts'

/** Returns the frame of a text, or those of a batch, in their order; null if it is neither. */
export function parseFrames(data: unknown): ServerFrame | readonly ServerFrame[] | null {
  if (typeof data !== 'string') return null
  try {
    const value: ServerFrame | readonly ServerFrame[] = JSON.parse(data)
    return Array.isArray(value) || isFrame(value) ? value : null
  } catch {
    return null
  }
}

/** For the elements of a batch too: nothing has checked them yet. */
export function isFrame(value: unknown): value is ServerFrame {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
