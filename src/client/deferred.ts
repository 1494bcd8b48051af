/** A promise and the functions that settle it, as `Promise.withResolvers` returns them, which ES2022 lacks. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>
  resolve(value: Value | PromiseLike<Value>): void
  reject(reason: unknown): void
}

export function deferred<Value>(): Deferred<Value> {
  let resolve: Deferred<Value>['resolve'] = () => undefined
  let reject: Deferred<Value>['reject'] = () => undefined
  const promise = new Promise<Value>((resolve_, reject_) => {
    resolve = resolve_
    reject = reject_
  })
  return { promise, resolve, reject }
}
