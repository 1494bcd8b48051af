import { join } from 'node:path'
import { until } from '../../../support/until.ts'

export interface Wscat {
  /** Types a line and presses return. */
  type(line: string): void
  /** Resolves once the output contains the text. */
  shows(text: string): Promise<void>
  output(): string
  /** Resolves to its exit code; it ends by itself if it could not connect. */
  readonly exited: Promise<number>
  /** Ends it like a user, with Ctrl-C. */
  interrupt(): Promise<void>
}

const PROGRAM = join(import.meta.dir, '../../../../node_modules/wscat/bin/wscat')

/** Starts wscat in its own terminal, because it accepts no input from elsewhere. */
export function wscat(...args: string[]): Wscat {
  const node = Bun.which('node')
  if (node === null) throw new Error('node is missing: wscat runs on it')
  let text = ''
  const decoder = new TextDecoder()
  const child = Bun.spawn([node, PROGRAM, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', TERM: 'dumb' },
    terminal: {
      cols: 2000,
      rows: 50,
      data: (_, bytes) => {
        text += decoder.decode(bytes, { stream: true })
      },
    },
  })
  return {
    type: (line) => void child.terminal?.write(`${line}\r`),
    async shows(wanted) {
      await until(() => text.includes(wanted), `wscat to show ${wanted}`).catch((error: unknown) => {
        throw new Error(`it shows only ${JSON.stringify(text)}`, { cause: error })
      })
    },
    output: () => text,
    exited: child.exited,
    async interrupt() {
      child.kill('SIGINT')
      await child.exited
    },
  }
}
