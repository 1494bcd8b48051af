/*
 * Looks into files in a process of its own, one for each file. A file that makes a decoder crash, hang or take all memory ends that process
 * and nothing else, and the event loop stays free.
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ChatError, type Examined, type Examiner } from '../../core/index.ts'
import { newKey } from '../signer.ts'

export interface ExaminerOptions {
  /** The most pixels of an image. Decoding takes up to eight bytes for each. */
  readonly maxPixels: number
  /** Milliseconds after which the process is killed. */
  readonly deadlineMs: number
  /** How many files are looked into at the same time. */
  readonly atOnce: number
  /** How many may wait. */
  readonly waiting: number
}

const PROGRAM = fileURLToPath(new URL('./program.ts', import.meta.url))

export function createExaminer({ maxPixels, deadlineMs, atOnce, waiting }: ExaminerOptions): Examiner {
  let running = 0
  const queue: (() => void)[] = []

  async function turn(): Promise<void> {
    if (running < atOnce) {
      running++
      return
    }
    if (queue.length >= waiting) {
      throw new ChatError('overloaded', 'Too many uploads are under way, try again', { retryAfterMs: 1000 })
    }
    await new Promise<void>((go) => queue.push(go))
  }

  /** The turn goes to the one that has waited longest. */
  function done(): void {
    const next = queue.shift()
    if (next === undefined) running--
    else next()
  }

  return {
    async examine({ path }) {
      await turn()
      try {
        return await run(path, `${path}.${newKey()}`, maxPixels, deadlineMs)
      } finally {
        done()
      }
    },
  }
}

async function run(
  path: string,
  thumbnail: string,
  maxPixels: number,
  deadlineMs: number,
): Promise<Examined> {
  const program = Bun.spawn(
    [Bun.argv[0] ?? 'bun', '--no-env-file', PROGRAM, path, thumbnail, String(maxPixels)],
    {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'ignore',
      cwd: dirname(PROGRAM),
      env: {},
      timeout: deadlineMs,
      killSignal: 'SIGKILL',
    },
  )
  const [text, code] = await Promise.all([program.stdout.text(), program.exited])
  const verdict = code === 0 ? verdictOf(text) : null
  if (verdict === null) throw refused('is an image that cannot be read, or not in time')
  if ('problem' in verdict) throw refused(verdict.problem)
  return { ...verdict, thumbnail: verdict.hasThumbnail ? thumbnail : null }
}

function refused(problem: string): ChatError {
  return new ChatError('invalid', `file: ${problem}`, { field: 'file' })
}

/** What the program writes, in one line. */
export type Verdict =
  | { readonly problem: string }
  | (Omit<Examined, 'thumbnail'> & { readonly hasThumbnail: boolean })

function verdictOf(text: string): Verdict | null {
  try {
    const value: unknown = JSON.parse(text)
    return isVerdict(value) ? value : null
  } catch {
    return null
  }
}

function isVerdict(value: unknown): value is Verdict {
  return typeof value === 'object' && value !== null && ('problem' in value || 'hasThumbnail' in value)
}
