/** Returns what matches the paths of a route, with or without a slash at the end, as the router does. @param path with `:name` */
export function routePattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/\/$/, '').replaceAll(/:[^/]+/g, '[^/]+')}/?$`)
}
