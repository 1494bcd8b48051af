// The server on a machine whose clock is off by CLOCK_OFF_MS: all functions that return the time of day are shifted. Monotonic clocks
// are not affected, as on a real machine.
const off = Number(process.env.CLOCK_OFF_MS)
const TrueDate = Date

globalThis.Date = new Proxy(TrueDate, {
  apply: () => new TrueDate(TrueDate.now() + off).toString(),
  construct: (_, given: unknown[], target) =>
    Reflect.construct(TrueDate, given.length === 0 ? [TrueDate.now() + off] : given, target),
  get: (target, name) => (name === 'now' ? () => target.now() + off : Reflect.get(target, name)),
})

export {}

await import('../../../src/main.ts')
