import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Block, blocksOf } from '../../api/v2/support/markdown.ts'
import { until } from '../../support/until.ts'

export const ROOT = join(import.meta.dir, '../../..')

/** Returns the fenced blocks of a page. @param page its path in the repository */
export async function snippetsOf(page: string): Promise<Block[]> {
  return blocksOf(await Bun.file(join(ROOT, page)).text())
}

export interface Running {
  output(): string
  /** Types a line and presses return. */
  type(line: string): void
  /** Resolves once the output has the text. @throws Error with the output if it does not come */
  shows(text: string): Promise<void>
  stop(): Promise<void>
}

/** Runs the lines of a shell snippet in the repository, in a terminal of its own. */
export function runShell(script: string): Running {
  return start(['bash', '-e', '-c', script], ROOT, {})
}

export interface Module {
  /** What stands before the snippet, for what the reader has already. */
  readonly before?: string
  readonly after?: string
  readonly env?: Readonly<Record<string, string>>
  readonly tsx?: boolean
}

/** Runs a TypeScript snippet in a folder of its own. */
export async function runModule(code: string, parts: Module = {}): Promise<Running> {
  const { folder, file } = await written(code, parts)
  const running = start([process.execPath, '--no-env-file', file], folder, parts.env ?? {})
  return {
    ...running,
    async stop() {
      await running.stop()
      await rm(folder, { recursive: true })
    },
  }
}

/** Returns what the compiler complains of in a TypeScript snippet. */
export async function compileErrors(code: string, parts: Module = {}): Promise<string> {
  const { folder, file } = await written(code, parts)
  try {
    const config = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: { lib: ['ESNext', 'DOM'], types: [], rootDir: '/' },
      include: [file],
    }
    await Bun.write(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(ROOT, 'node_modules/.bin/tsc')
    const { stdout, exited } = Bun.spawn([process.execPath, tsc, '-p', folder], {
      cwd: ROOT,
      stdout: 'pipe',
      stderr: 'ignore',
    })
    await exited
    return (await stdout.text()).trim()
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function written(code: string, { before = '', after = '', tsx = false }: Module) {
  const folder = await mkdtemp(join(tmpdir(), 'parley-snippet-'))
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const file = join(folder, tsx ? 'snippet.tsx' : 'snippet.ts')
  // `parley` is this repository by its own name, which holds inside it only.
  const source = [before, code, after]
    .join('\n')
    .replaceAll("'parley/client'", `'${ROOT}/src/client/index.ts'`)
  await Bun.write(file, source)
  return { folder, file }
}

function start(command: string[], cwd: string, env: Readonly<Record<string, string>>): Running {
  let text = ''
  const decoder = new TextDecoder()
  const child = Bun.spawn(command, {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: tmpdir(), TERM: 'dumb', ...env },
    // Programs that talk with people take no input from elsewhere.
    terminal: {
      cols: 2000,
      rows: 50,
      data: (_, bytes) => {
        text += decoder.decode(bytes, { stream: true })
      },
    },
  })
  return {
    output: () => text,
    type: (line) => void child.terminal?.write(`${line}\r`),
    async shows(wanted) {
      await until(() => text.includes(wanted), `the snippet to show ${wanted}`).catch((error: unknown) => {
        throw new Error(`it shows only ${JSON.stringify(text)}`, { cause: error })
      })
    },
    async stop() {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}
