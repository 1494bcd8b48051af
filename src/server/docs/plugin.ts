import { swagger } from '@elysiajs/swagger'
import { type AnyElysia, Elysia } from 'elysia'
import { recordOf } from './schemas.ts'

/** One operation as the plugin writes it, with every schema in full. */
export interface WrittenOperation {
  /** With parameters in braces. */
  readonly path: string
  /** In small letters. */
  readonly method: string
  readonly operation: Readonly<Record<string, unknown>>
}

/**
 * Returns the operations of routes as the framework's plugin documents them. The plugin gets an application of its own that never
 * listens, since it also adds a page, which loads scripts from another host.
 */
export async function writtenOperations(routes: AnyElysia): Promise<readonly WrittenOperation[]> {
  const app = new Elysia().use(routes).use(swagger({ specPath: SPEC, excludeStaticFile: false }))
  const response = await app.handle(new Request(`http://localhost${SPEC}`))
  const { paths } = recordOf(await response.json())
  return Object.entries(recordOf(paths)).flatMap(([path, methods]) =>
    Object.entries(recordOf(methods)).map(([method, operation]) => ({
      // A slash at the end is optional everywhere.
      path: path.replace(/(?<=.)\/$/, ''),
      method,
      operation: recordOf(operation),
    })),
  )
}

const SPEC = '/swagger/json'
