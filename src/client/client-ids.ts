const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const RANDOM_LENGTH = 16
const PER_MILLISECOND = 32 ** 3

/**
 * Makes idempotency keys of 29 characters: the time, a counter and 80 random bits. They ascend as text, even when the clock is set
 * back, so that the server's index on them stays in cache, and they cannot be guessed.
 */
export function createClientIds(now: () => number): () => string {
  let time = 0
  let count = 0
  return () => {
    const at = Math.max(now(), time)
    count = at === time ? count + 1 : 0
    time = at
    if (count === PER_MILLISECOND) {
      count = 0
      time++
    }
    return digits(time, 10) + digits(count, 3) + randomDigits()
  }
}

function digits(number: number, length: number): string {
  let text = ''
  for (let rest = number; text.length < length; rest = Math.floor(rest / 32))
    text = ALPHABET[rest % 32] + text
  return text
}

function randomDigits(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_LENGTH))
  return Array.from(bytes, (byte) => ALPHABET[byte % 32]).join('')
}
