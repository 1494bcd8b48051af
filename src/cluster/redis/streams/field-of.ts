/** Returns a field of something that was read from a stream; undefined if it has none. */
export function fieldOf(form: unknown, name: string): unknown {
  return typeof form === 'object' && form !== null ? Reflect.get(form, name) : undefined
}
