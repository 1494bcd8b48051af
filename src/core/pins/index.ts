/*
 * Pinned messages: pinning, unpinning, and the list.
 */
export { createPins, MOST_PINS, type PinsDeps } from './pins.ts'
