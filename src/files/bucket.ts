import { ChatError, type Contents, type Showing, type Variant } from '../core/index.ts'
import type { Temporary } from './temporary.ts'

export interface BucketOptions {
  readonly bucket: string
  readonly endpoint: string | undefined
  readonly region: string | undefined
  readonly accessKeyId: string | undefined
  readonly secretAccessKey: string | undefined
  /** What the names of all objects begin with. Installations that share a bucket need different ones. */
  readonly prefix: string
}

/** The objects that one look at the bucket returns at most. */
const LISTED = 1000

/**
 * Stores contents in a bucket of S3, or of a server that speaks as it does: `<prefix>contents/<key>.original` and `.thumbnail`. Clients get
 * them there, by URLs that count for some minutes, and may upload to `<prefix>incoming/<key>`.
 */
export function openBucket(options: BucketOptions, temporary: Temporary): Contents {
  const { bucket, endpoint, region, accessKeyId, secretAccessKey, prefix } = options
  const client = new Bun.S3Client({
    bucket,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
    ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
  })
  const contents = `${prefix}contents/`
  const incoming = `${prefix}incoming/`
  const nameOf = (key: string, variant: Variant) => `${contents}${key}.${variant}`
  let after: string | undefined

  /** Returns the names of old objects on one page, and where the next page begins. */
  async function oldObjects(under: string, ageMs: number, startAfter: string | undefined) {
    const page = await within(() =>
      client.list({ prefix: under, maxKeys: LISTED, ...(startAfter === undefined ? {} : { startAfter }) }),
    )
    const found = page.contents ?? []
    const isOld = (at: string | undefined) => at !== undefined && Date.now() - Date.parse(at) >= ageMs
    return {
      names: found.filter(({ lastModified }) => isOld(lastModified)).map(({ key }) => key),
      next: page.isTruncated === true ? found.at(-1)?.key : undefined,
    }
  }

  return {
    async put(key, original, thumbnail, type) {
      await within(async () => {
        if (thumbnail !== null) {
          await client.write(nameOf(key, 'thumbnail'), Bun.file(thumbnail), { type: 'image/webp' })
        }
        await client.write(nameOf(key, 'original'), Bun.file(original), { type })
      })
    },

    async find(key, variant, { type, disposition, seconds }: Showing) {
      const object = nameOf(key, variant)
      if (!(await within(() => client.exists(object)))) return null
      return {
        at: 'elsewhere',
        url: client.presign(object, {
          method: 'GET',
          expiresIn: seconds,
          type,
          contentDisposition: disposition,
        }),
      }
    },

    async remove(keys) {
      await within(async () => {
        for (const key of keys) {
          await client.delete(nameOf(key, 'original'))
          await client.delete(nameOf(key, 'thumbnail'))
        }
      })
    },

    async sample(ageMs) {
      const { names, next } = await oldObjects(contents, ageMs, after)
      after = next
      return [...new Set(names.map((name) => name.slice(contents.length).split('.')[0] ?? ''))]
    },

    async tidy(ageMs) {
      await temporary.tidy(ageMs)
      const { names } = await oldObjects(incoming, ageMs, undefined)
      for (const name of names) await within(() => client.delete(name))
    },

    incoming: {
      url: (key, seconds) => client.presign(`${incoming}${key}`, { method: 'PUT', expiresIn: seconds }),

      async fetch(key, mostBytes) {
        const object = client.file(`${incoming}${key}`)
        return within(async () => {
          if (!(await object.exists())) return null
          const { size } = await object.stat()
          if (size > mostBytes)
            throw new ChatError('too_large', `The file must have at most ${mostBytes} bytes`)
          const path = await temporary.newPath()
          await Bun.write(path, object)
          // The client may have uploaded again in between.
          const { size: written } = Bun.file(path)
          if (written <= mostBytes) return { path, size: written }
          await temporary.discard([path])
          throw new ChatError('too_large', `The file must have at most ${mostBytes} bytes`)
        })
      },

      remove: (key) => within(() => client.delete(`${incoming}${key}`)),
    },
  }
}

async function within<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ChatError) throw error
    const unavailable = new ChatError('unavailable', 'The storage for files is not available, try again', {
      retryAfterMs: 1000,
    })
    unavailable.cause = error
    throw unavailable
  }
}
