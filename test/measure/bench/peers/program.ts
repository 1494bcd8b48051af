import { openSandbox } from '../../../support/sandbox/sandbox.ts'

export interface PeerProgram {
  readonly pid: number
  readonly port: number
  remove(): Promise<void>
}

/**
 * Starts a server in a temp folder of its own, and resolves once it has told its port. It ends with this process at the
 * latest.
 * @param env what it is given besides what programs need to run at all
 * @param port finds the port once the server listens, for instance in what it has printed so far
 */
export async function startPeer(
  name: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  port: (output: string) => FoundPort | Promise<FoundPort>,
): Promise<PeerProgram> {
  const sandbox = await openSandbox('peer')
  try {
    const { PATH = '' } = process.env
    const program = await sandbox.run(name, command, { PATH, HOME: sandbox.folder, ...env })
    const found = await program.ready(() => port(program.output()))
    return { pid: program.pid, port: found, remove: () => sandbox.remove() }
  } catch (error) {
    await sandbox.remove()
    throw error
  }
}

/** In a line as the servers of this folder print it. */
export function printedPort(output: string): FoundPort {
  const [, port] = /^\{"port":(\d+)\}$/m.exec(output) ?? []
  return port === undefined ? undefined : Number(port)
}

export type FoundPort = number | undefined
