/** The server's OpenAPI document, with each reference replaced by what it refers to. The document refers to nothing in a circle. */
export async function openApiOf(app: { url: string }): Promise<unknown> {
  const document: unknown = await (await fetch(`${app.url}/docs/json`)).json()
  return dereferenced(document, document)
}

/** @throws Error for a reference to nowhere */
export function dereferenced(value: unknown, document: unknown): unknown {
  if (Array.isArray(value)) return value.map((part) => dereferenced(part, document))
  if (typeof value !== 'object' || value === null) return value
  if ('$ref' in value) return dereferenced(at(document, String(value.$ref)), document)
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, dereferenced(part, document)]))
}

function at(document: unknown, reference: string): unknown {
  let found = document
  for (const name of reference.replace(/^#\//, '').split('/')) {
    found = Object.entries(found ?? {}).find(([key]) => key === name)?.[1]
  }
  if (found === undefined) throw new Error(`a reference to nowhere: ${reference}`)
  return found
}

/** Returns where a document describes an object that is no component. @param path the value's place in the document */
export function unnamedObjects(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  const isNamed = /^\/components\/schemas\/[^/]+$/.test(path)
  const own = 'properties' in value && !isNamed && !path.endsWith('/properties') ? [path] : []
  const parts = Object.entries(value).filter(([key]) => key !== 'example' && key !== 'examples')
  return [...own, ...parts.flatMap(([key, part]) => unnamedObjects(part, `${path}/${key}`))]
}
