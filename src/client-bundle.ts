import { join } from 'node:path'

/** Returns the client library as one minified module for browsers. @throws if it cannot be bundled */
export async function bundleClient(): Promise<string> {
  const result = await Bun.build({
    entrypoints: [join(import.meta.dir, 'client/index.ts')],
    target: 'browser',
    format: 'esm',
    minify: true,
  })
  const [output, ...more] = result.outputs
  if (output === undefined || more.length > 0)
    throw new Error(`${result.outputs.length} files instead of one`)
  return await output.text()
}

export function gzipBytes(text: string): number {
  return Bun.gzipSync(Buffer.from(text), { level: 9 }).byteLength
}

if (import.meta.main) {
  const path = join(import.meta.dir, '../.build/parley-client.js')
  const text = await bundleClient()
  await Bun.write(path, text)
  console.log(`${path}: ${Buffer.byteLength(text)} bytes, ${gzipBytes(text)} with gzip`)
}
