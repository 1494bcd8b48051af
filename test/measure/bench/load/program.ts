/** A program that answers each line of JSON with another. */
export interface Program {
  readonly pid: number
  /** One question at a time. @throws where the program has ended instead */
  ask(question: object): Promise<unknown>
  /** Resolves once it has ended. */
  end(): Promise<void>
}

/** @param errors where its standard error goes, on which it says why it fails */
export function startProgram(file: string, errors: 'inherit' | 'ignore' = 'inherit'): Program {
  const started = Bun.spawn([process.execPath, '--no-env-file', file], {
    stdio: ['pipe', 'pipe', errors],
  })
  const answers = linesOf(started.stdout)
  return {
    pid: started.pid,
    async ask(question) {
      started.stdin.write(`${JSON.stringify(question)}\n`)
      await started.stdin.flush()
      const answer = await answers.next()
      if (answer.done === true) throw new Error(`${file} has failed`)
      return JSON.parse(answer.value)
    },
    async end() {
      await started.stdin.end()
      await started.exited
    },
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of stream) {
    const lines = (text + decoder.decode(piece, { stream: true })).split('\n')
    text = lines.pop() ?? ''
    yield* lines
  }
}
