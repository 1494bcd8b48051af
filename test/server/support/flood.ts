import { join } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

/** What one socket sends over and over, as fast as it is taken. */
export interface FloodSocket {
  readonly url: string
  /** Under this name its end is told. */
  readonly name: string
  /** Of each frame in turn: its opcode, its text, and whether it is the last fragment. */
  readonly frames: readonly FloodFrame[]
}

export interface FloodFrame {
  readonly opcode: number
  readonly text: string
  readonly final?: boolean
}

export interface FloodPlan {
  readonly sockets: readonly FloodSocket[]
  /** After which those that are still open are left alone. */
  readonly seconds: number
}

export const FloodResult = Type.Array(
  Type.Object({
    name: Type.String(),
    /** Of the close frame; null where none came. */
    code: Type.Union([Type.Number(), Type.Null()]),
    ended: Type.Boolean({ description: 'whether the server ended the connection' }),
    sent: Type.Number({ description: 'bytes' }),
    received: Type.Number({ description: 'bytes' }),
  }),
)
export type FloodResult = Static<typeof FloodResult>

/** Floods from a process of its own, which leaves the processor to whoever else needs it: floods come from other machines. */
export async function flood(plan: FloodPlan): Promise<FloodResult> {
  const program = join(import.meta.dir, 'flood-program.ts')
  const child = Bun.spawn(['nice', '-n', '15', process.execPath, '--no-env-file', program], {
    stdin: new Blob([JSON.stringify(plan)]),
    stdout: 'pipe',
    stderr: 'inherit',
  })
  return Value.Parse(FloodResult, await new Response(child.stdout).json())
}
