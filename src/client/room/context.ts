import type { Environment } from '../environment.ts'
import type { Gate } from '../gate.ts'
import type { Line } from '../link/index.ts'
import type { Action, ViewState } from '../view/index.ts'

/** What the parts of a room share. */
export interface RoomContext {
  readonly id: number
  readonly env: Environment
  readonly line: Line
  readonly gate: Gate
  /** What the present connection told of the history last; undefined from a server that does not say. */
  epoch(): string | undefined
  state(): ViewState
  dispatch(action: Action): void
}
