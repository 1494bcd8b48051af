/**
 * Makes idempotency keys that never meet another process's: when it began, 40 random bits, and a counter. They ascend, so
 * that the index of keys grows at few places.
 */
export function createKeys(): () => string {
  const random = crypto.getRandomValues(new Uint8Array(5)).toHex()
  const prefix = `~${Date.now().toString(36)}${random}-`
  let next = 36 ** 6
  return () => prefix + (next++).toString(36)
}
