import { type FileHandle, open, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { ReadableStreamDefaultReader } from 'node:stream/web'
import busboy, { type Busboy } from 'busboy'
import { ChatError, type ReceivedFile } from '../../../core/index.ts'
import { HttpProblem } from '../../problem.ts'

export interface UploadOptions {
  /** Milliseconds for which nothing may arrive. */
  readonly idleMs: number
  /** Milliseconds within which all must have arrived. */
  readonly deadlineMs: number
  /** Returns the path of a new file. */
  readonly newPath: () => Promise<string>
}

/** The field of the form that holds the file. */
const FIELD = 'file'
const CUT_OFF = 'the form is cut off or not valid'

/** Bytes that a form may have besides its file. */
const ENVELOPE = 65_536

/** Receives the file of a form (RFC 7578) into a new file: what has arrived is written before more is read, so memory stays bounded. */
export class Upload {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #parser: Busboy
  readonly #options: UploadOptions
  readonly #mostBytes: number
  /** Settles when the file is written and the form has ended, or it cannot be. */
  readonly #written: Promise<ReceivedFile>
  /** The file that is being written, if one has begun. */
  #writing: Promise<ReceivedFile> | null = null
  #late = ''

  /** @throws HttpProblem `unsupported_media` if it is no form with files */
  constructor(request: Request, body: ReadableStream<Uint8Array>, mostBytes: number, options: UploadOptions) {
    this.#mostBytes = mostBytes
    this.#options = options
    this.#parser = parserOf(request, mostBytes)
    this.#written = new Promise((resolve, reject) => {
      this.#parser.once('file', (name, content, { filename }) => {
        // A form that is cut off ends the content, too; it is told by the parser.
        content.on('error', () => undefined)
        if (name !== FIELD) reject(wrong(`the form's file must be in the field "${FIELD}"`))
        else {
          this.#writing = this.#write(content, unescaped(filename))
          this.#writing.catch(reject)
        }
      })
      this.#parser.once('filesLimit', () => reject(wrong('the form must have only one file')))
      this.#parser.once('error', () => reject(wrong(CUT_OFF)))
      this.#parser.once('close', () => {
        // Only now it is known that no other file comes.
        if (this.#writing === null) reject(wrong('is required'))
        else this.#writing.then(resolve, reject)
      })
    })
    this.#written.catch(() => undefined)
    this.#reader = body.getReader()
  }

  /** @throws ChatError `too_large`, `invalid`: then nothing is left of it */
  async received(): Promise<ReceivedFile> {
    const { idleMs, deadlineMs } = this.#options
    const end = setTimeout(() => this.#giveUp(`must arrive within ${deadlineMs} ms`), deadlineMs)
    let idle = setTimeout(() => undefined, 0)
    let size = 0
    try {
      for (;;) {
        clearTimeout(idle)
        idle = setTimeout(() => this.#giveUp(`stopped for more than ${idleMs} ms`), idleMs)
        const { done, value } = await this.#read()
        if (this.#late !== '') throw wrong(this.#late)
        if (done) break
        size += value.byteLength
        if (size > this.#mostBytes + ENVELOPE) throw tooLarge(this.#mostBytes)
        await this.#parse(value)
      }
      this.#parser.end()
      return await this.#written
    } catch (error) {
      this.cut()
      await this.#writing?.then(({ path }) => rm(path, { force: true })).catch(() => undefined)
      throw error
    } finally {
      clearTimeout(end)
      clearTimeout(idle)
    }
  }

  /** A client that goes away in the middle is no fault of the server. */
  #read() {
    return this.#reader.read().catch(() => {
      throw wrong(CUT_OFF)
    })
  }

  /** Reads no more. */
  cut(): void {
    // The cancel fails if the client has gone already, which is of no interest.
    this.#reader.cancel().catch(() => undefined)
    this.#parser.destroy()
  }

  #giveUp(problem: string): void {
    this.#late = problem
    this.#reader.cancel().catch(() => undefined)
  }

  /** Resolves when the parser takes more. @throws as the writing does */
  async #parse(bytes: Uint8Array): Promise<void> {
    if (this.#parser.write(bytes)) return
    const drained = new Promise<void>((resolve) => this.#parser.once('drain', resolve))
    await Promise.race([drained, this.#written])
  }

  async #write(content: Readable, name: string): Promise<ReceivedFile> {
    const path = await this.#options.newPath()
    const handle = await open(path, 'wx', 0o600)
    try {
      const size = await copied(content, handle)
      if (size > this.#mostBytes) throw tooLarge(this.#mostBytes)
      if (size === 0) throw wrong('must not be empty')
      return { path, name, size }
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      await handle.close()
    }
  }
}

/** @returns the bytes that were written, one too many at most */
async function copied(content: Readable, handle: FileHandle): Promise<number> {
  let size = 0
  for await (const chunk of content) {
    const bytes: Uint8Array = chunk
    size += bytes.byteLength
    await handle.writeFile(bytes)
  }
  return size
}

function parserOf({ headers }: Request, mostBytes: number): Busboy {
  try {
    return busboy({
      headers: { 'content-type': headers.get('content-type') ?? '' },
      defParamCharset: 'utf8',
      preservePath: true,
      limits: { files: 1, fileSize: mostBytes + 1, fields: 10, fieldSize: 4096, parts: 12, headerPairs: 50 },
    })
  } catch {
    throw new HttpProblem('unsupported_media', 'Send the file as multipart/form-data.')
  }
}

/** Undoes what browsers escape in a name (HTML, 4.10.21.8). */
function unescaped(name: string): string {
  return name.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n')
}

function wrong(problem: string): ChatError {
  return new ChatError('invalid', `${FIELD}: ${problem}`, { field: FIELD })
}

function tooLarge(mostBytes: number): ChatError {
  return new ChatError('too_large', `The file must have at most ${mostBytes} bytes`)
}
