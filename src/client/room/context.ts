import type { Environment } from '../environment.ts'
import type { Gate } from '../gate.ts'
import type { Line } from '../link/index.ts'
import type { Action, ViewState } from '../view/index.ts'

/** What the parts of a room's view share. */
export interface RoomContext {
  readonly id: number
  readonly env: Environment
  readonly line: Line
  readonly gate: Gate
  /** The latest mark of the history from the present connection; undefined if the server sends none. */
  epoch(): string | undefined
  state(): ViewState
  dispatch(action: Action): void
}
