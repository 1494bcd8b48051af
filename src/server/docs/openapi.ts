import type { AnyElysia } from 'elysia'
import manifest from '../../../package.json'
import type { ContractDocs } from '../contract.ts'
import { namedOperation } from './operation.ts'
import { writtenOperations } from './plugin.ts'
import { createComponents } from './schemas.ts'
import type { ShownSettings } from './shown.ts'

/** Routes that share the names of their schemas. */
export interface Documented {
  readonly routes: AnyElysia
  readonly docs: ContractDocs
}

/** Returns the OpenAPI document of routes, in the order of the parts. It is the same whatever was asked of the routes before. */
export async function openApi(parts: readonly Documented[], settings: ShownSettings) {
  const components = createComponents(settings)
  const securitySchemes = securitySchemesOf(settings)
  const paths: Record<string, Record<string, unknown>> = {}
  const responses: Record<string, unknown> = {}
  const tags = new Map<string, string>()
  for (const { routes, docs } of parts) {
    const refer = components.naming(docs.schemas)
    for (const { path, method, operation } of await writtenOperations(routes)) {
      paths[path] = { ...paths[path], [method]: namedOperation(operation, refer, responses) }
      if (Array.isArray(operation.tags)) for (const tag of operation.tags) tags.set(String(tag), docs.about)
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
    tags: [...tags].map(([name, description]) => ({ name, description })),
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
