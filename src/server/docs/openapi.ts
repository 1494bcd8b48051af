import manifest from '../../../package.json'
import type { ContractDocs } from '../contract.ts'
import { operationOf, pathOf, type Route, tagsOf } from './operation.ts'
import { createComponents } from './schemas.ts'
import type { ShownSettings } from './shown.ts'

/** Routes that share the names of their schemas. */
export interface Documented {
  readonly routes: { readonly routes: readonly Route[] }
  readonly docs: ContractDocs
}

/** Returns the OpenAPI document of routes. The parts come in their order; later ones than the first are not told by it. */
export function openApi(parts: readonly Documented[], settings: ShownSettings) {
  const components = createComponents(settings)
  const securitySchemes = securitySchemesOf(settings)
  const paths: Record<string, Record<string, unknown>> = {}
  const responses: Record<string, unknown> = {}
  for (const { routes, docs } of parts) {
    const refer = components.naming(docs.schemas)
    for (const route of routes.routes) {
      const path = pathOf(route)
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, refer, responses) }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version: manifest.version,
      description: manifest.description,
      license: { name: 'Proprietary', identifier: 'LicenseRef-UNLICENSED' },
    },
    externalDocs: { description: 'The frames of the v2 socket', url: 'docs/socket' },
    // Relative to the document, so that it holds below any path of a host.
    servers: [{ url: '..', description: 'The server of this document' }],
    security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
    tags: parts.flatMap(({ routes, docs }) =>
      tagsOf(routes.routes).map((name) => ({ name, description: docs.about })),
    ),
    paths,
    components: { schemas: components.used(), responses, securitySchemes },
  }
}

/** A request needs one of them; routes that need none say `security: []`. */
function securitySchemesOf({ sessionCookie }: ShownSettings) {
  return {
    token: {
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      description: '`Token 9944…`, the form of Django REST Framework',
    },
    bearer: { type: 'http', scheme: 'bearer' },
    session: { type: 'apiKey', in: 'cookie', name: sessionCookie, description: 'Set by a sign-in' },
  } as const
}
