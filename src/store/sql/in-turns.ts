import type { TakeTurn } from '../../core/index.ts'

/** Characters after which a turn is asked for: rows of less text share one. */
const PIECE_TEXT = 65_536

/** Handles the rows of one answer that together may hold much text, in turns of the event loop. */
export async function inTurns<Row>(
  rows: readonly Row[],
  turn: TakeTurn,
  textIn: (row: Row) => number,
  handle: (row: Row) => void,
): Promise<void> {
  let text = 0
  for (const [index, row] of rows.entries()) {
    text += textIn(row)
    if (text >= PIECE_TEXT || index === rows.length - 1) {
      await turn(text)
      text = 0
    }
    handle(row)
  }
}
