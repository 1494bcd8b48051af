import { routePattern } from './route-pattern.ts'

/** A route as the router knows it, with `:name` for parameters in its path. */
interface Route {
  readonly method: string
  readonly path: string
}

/** Returns a function that tells which methods a path has, in alphabetical order; none for a path that leads nowhere. */
export function createMethods(routes: readonly Route[]): (path: string) => readonly string[] {
  const known = new Map<string, { readonly pattern: RegExp; readonly methods: string[] }>()
  for (const { method, path } of routes) {
    const entry = known.get(path) ?? { pattern: routePattern(path), methods: [] }
    entry.methods.push(method)
    known.set(path, entry)
  }
  return (path) => {
    if (!isDecodable(path)) return []
    const found = [...known.values()].flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []))
    return [...new Set(found)].sort()
  }
}

/** A path that cannot be decoded leads nowhere by any method. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
