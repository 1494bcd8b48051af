import { extname } from 'node:path'
import { Elysia } from 'elysia'
import { ChatError } from '../../core/index.ts'
import { keptBytes, once } from '../http/index.ts'

export interface Asset {
  readonly type: string
  readonly read: () => Promise<Uint8Array<ArrayBuffer>>
}

/** Where the assets are, as the page's addresses have it: relative, so that the page works below any path of a host. */
const FOLDER = 'docs/assets/'

/**
 * Serves the files that the pages of the documentation load. A file's address has the hash of its content, so browsers keep it
 * without asking again. Another hash, as a node of another version has it, gets the file as it is here, and nobody keeps that.
 */
export function createAssets<Name extends string>(files: Readonly<Record<Name, Asset>>) {
  const served = new Map<string, ReturnType<typeof serve>>()
  for (const name in files) served.set(name, serve(files[name]))

  return {
    /** Returns the address for a page, relative to the page. */
    async address(name: Name): Promise<string> {
      const extension = extname(name)
      return `${FOLDER}${name.slice(0, -extension.length)}.${await served.get(name)?.hash()}${extension}`
    },

    routes: new Elysia({ name: 'docs assets' }).get(`/${FOLDER}:file`, ({ params, request }) => {
      const [, stem, hash, extension] = /^(.*?)(?:\.([0-9a-f]{16}))?(\.\w+)$/.exec(params.file) ?? []
      const asset = served.get(`${stem}${extension}`)
      if (asset === undefined) throw new ChatError('not_found', 'Not found.')
      return asset.answer(request, hash)
    }),
  }
}

function serve({ type, read }: Asset) {
  const lasting = keptBytes(read, {
    'content-type': type,
    'cache-control': 'public, max-age=31536000, immutable',
  })
  const current = keptBytes(read, { 'content-type': type })
  const hash = once(async () => {
    const hasher = new Bun.CryptoHasher('sha256').update(await read())
    return hasher.digest('hex').slice(0, 16)
  })
  return {
    hash,
    async answer(request: Request, asked: string | undefined): Promise<Response> {
      return asked === (await hash()) ? lasting(request) : current(request)
    },
  }
}
