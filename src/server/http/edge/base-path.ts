import { SetupError } from '../../../core/index.ts'
import { routePattern } from '../routes/index.ts'

export interface BasePath {
  /** What the path is when the server is seen through it: of the route, or as it was if it is not below the base path. */
  routed(path: string): string
  /** Whether it is the base path without a slash, from which a page's relative addresses would lead elsewhere. */
  lacksSlash(path: string): boolean
}

/**
 * Takes the base path off the paths of requests. Some proxies do so themselves, so a path that is a route already stays as it is.
 * @param base as BASE_PATH has it
 * @param routes every path that the server has, with `:name` for parameters
 * @throws SetupError if a path could be two routes
 */
export function createBasePath(base: string, routes: readonly string[]): BasePath {
  const prefix = withoutSlash(base)
  if (prefix === '') return { routed: (path) => path, lacksSlash: () => false }
  const [, first = ''] = prefix.split('/')
  // Only these can be confused with a path below the base path.
  const similar = routes.filter((route) => route.split('/')[1] === first)
  const patterns = similar.map(routePattern)
  for (const route of routes) {
    const below = prefix + route.replaceAll(/:[^/]+/g, 'x')
    const other = similar.find((_, index) => patterns[index]?.test(below))
    if (other !== undefined) {
      throw new SetupError(
        `BASE_PATH: ${below} is both ${route} below ${prefix} and ${other}; set another path`,
      )
    }
  }
  return {
    routed: (path) =>
      path.startsWith(`${prefix}/`) && !patterns.some((pattern) => pattern.test(path))
        ? path.slice(prefix.length)
        : path,
    lacksSlash: (path) => path === prefix && !patterns.some((pattern) => pattern.test(path)),
  }
}

/** Returns the path to put before another path: empty for the whole host. */
export function withoutSlash(base: string): string {
  return base.replace(/\/$/, '')
}
