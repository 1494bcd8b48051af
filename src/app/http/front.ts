import type { AnyElysia } from 'elysia'
import { asyncApi } from '../../api/v2/asyncapi.ts'
import type { Config } from '../../config.ts'
import type { Core } from '../../core/index.ts'
import {
  type AddressLimit,
  type Bodies,
  type Contract,
  createBasePath,
  createEdge,
  createHttp,
  docs,
  type Edge,
  type HealthState,
  healthDocs,
  healthRoutes,
  type Logger,
  type Origins,
  withoutSlash,
} from '../../server/index.ts'
import { webClient } from './web-client.ts'

export interface FrontParts {
  readonly core: Core
  readonly origins: Origins
  readonly addressLimit: AddressLimit
  readonly health: HealthState
  readonly bodies: Bodies
  readonly log: Logger
}

/** Returns the edge, which every HTTP request passes first. Behind it are the contracts, health, documentation and the web client. */
export function createFront(config: Config, contracts: readonly Contract[], parts: FrontParts): Edge {
  const { core, health, bodies, log } = parts
  const healthy = healthRoutes(core, health)
  const documentation = docs([...contracts, { routes: healthy, docs: healthDocs }], {
    asyncapi: asyncApi,
    settings: {
      maxMessageLength: config.limits.maxMessageLength,
      minPasswordLength: config.auth.passwordMinLength,
      sessionCookie: config.cookies.name,
      basePath: withoutSlash(config.server.basePath),
    },
  })
  const extra: AnyElysia[] = [healthy, documentation, webClient()]
  const paths = [...contracts.map(({ routes }) => routes), ...extra].flatMap(({ routes }) =>
    routes.map(({ path }) => path),
  )
  const basePath = createBasePath(config.server.basePath, paths)
  const http = createHttp(contracts, extra, log, bodies)
  return createEdge({ ...parts, contracts, basePath, handle: (request) => http.handle(request) })
}
