import type { Contract, Problem } from '../../../server/index.ts'
import { problemDetails } from '../problems.ts'

/**
 * How the contract answers errors. The router only knows that there is no such route: whether there is one by another
 * method is found here.
 * @param routes by method and path, with `:name` for parameters
 */
export function errorsOf(routes: readonly { readonly method: string; readonly path: string }[]) {
  const known = new Map<string, Known>()
  for (const { method, path } of routes) {
    const entry = known.get(path) ?? { pattern: patternOf(path), methods: [] }
    entry.methods.push(method)
    known.set(path, entry)
  }

  function methodsAt(path: string): string[] {
    return [...known.values()].flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []))
  }

  return (problem: Problem, path: string): ReturnType<Contract['error']> => {
    const methods = problem.kind === 'no_route' && isDecodable(path) ? methodsAt(path) : []
    if (methods.length === 0) return answer(problem, {})
    const wrongMethod: Problem = { ...problem, kind: 'wrong_method', message: 'Method not allowed.' }
    return answer(wrongMethod, { allow: [...new Set(methods)].sort().join(', ') })
  }
}

function answer(problem: Problem, headers: Record<string, string>): ReturnType<Contract['error']> {
  const body = problemDetails(problem)
  return { status: body.status, body, headers: { ...headers, 'content-type': 'application/problem+json' } }
}

/** With or without a slash at the end, as the router has it. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/:[^/]+/g, '[^/]+')}/?$`)
}

/** A path that cannot be read leads nowhere by any method. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

interface Known {
  readonly pattern: RegExp
  readonly methods: string[]
}
