import { fileTypeFromFile } from 'file-type'
import type { Verdict } from './index.ts'

/** The longest side of a thumbnail, in pixels. */
const THUMBNAIL = 512
/** The longest side of a placeholder, in pixels, and the most characters of it as a `data:` URL. */
const PLACEHOLDER = 24
const MOST_PLACEHOLDER = 900
/** The bytes of a file by which text is told from other data. */
const SAMPLE = 65_536

/** Kinds of images that are decoded, by their media types. The first picture of an animation counts. */
const decoded: ReadonlySet<string> = new Set([
  'image/apng',
  'image/bmp',
  'image/gif',
  'image/jpeg',
  'image/png',
  'image/webp',
])

/** @param thumbnail where the thumbnail goes, if there is one */
export async function examineFile(path: string, thumbnail: string, maxPixels: number): Promise<Verdict> {
  const type = await typeOf(path)
  const plain = { type, width: null, height: null, placeholder: null, hasThumbnail: false }
  if (!decoded.has(type)) return plain
  try {
    // Whether the pixels are too many is read from the header, before any is decoded.
    const small = new Bun.Image(path, { maxPixels })
      .resize(THUMBNAIL, THUMBNAIL, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 75 })
    const bytes = await small.bytes()
    const { width, height } = await turnedSize(path, maxPixels, bytes)
    const placeholder = await tiny(bytes)
    await Bun.write(thumbnail, bytes)
    return {
      type,
      width,
      height,
      placeholder: placeholder.length > MOST_PLACEHOLDER ? null : placeholder,
      hasThumbnail: true,
    }
  } catch (error) {
    const isLarge = error instanceof Error && 'code' in error && error.code === 'ERR_IMAGE_TOO_MANY_PIXELS'
    return { problem: isLarge ? `is an image of more than ${maxPixels} pixels` : 'is a damaged image' }
  }
}

/** Returns the size as shown. The header has it as stored: a camera that is held upright stores a picture that lies. */
async function turnedSize(path: string, maxPixels: number, thumbnail: Uint8Array<ArrayBufferLike>) {
  const stored = await new Bun.Image(path, { maxPixels }).metadata()
  const shown = await new Bun.Image(thumbnail).metadata()
  const isTurned = stored.width > stored.height !== shown.width > shown.height && shown.width !== shown.height
  return isTurned
    ? { width: stored.height, height: stored.width }
    : { width: stored.width, height: stored.height }
}

/** Some 150 characters. `Bun.Image` makes placeholders, too, as PNG and ten times as long. */
function tiny(thumbnail: Uint8Array<ArrayBufferLike>): Promise<string> {
  return new Bun.Image(thumbnail)
    .resize(PLACEHOLDER, PLACEHOLDER, { fit: 'inside' })
    .webp({ quality: 40 })
    .dataurl()
}

async function typeOf(path: string): Promise<string> {
  const found = await fileTypeFromFile(path).catch(() => undefined)
  if (found !== undefined) return found.mime
  const start = new Uint8Array(await Bun.file(path).slice(0, SAMPLE).arrayBuffer())
  return isText(start) ? 'text/plain' : 'application/octet-stream'
}

/** UTF-8 without control characters other than white space. A sample may end within a character. */
function isText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return text !== '' && !/[^\P{Cc}\t\n\v\f\r]/u.test(text)
  } catch {
    return false
  }
}
