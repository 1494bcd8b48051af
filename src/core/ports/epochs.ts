import type { MessageId, RoomId, Seq } from '../model.ts'

/** An epoch of the history in the database. Another one begins when the history was rewritten. */
export interface Epoch {
  /** Ascending; 0 if the database has none. */
  readonly number: number
  /** No other epoch has it, of this database or another. */
  readonly name: string
}

export interface Beat {
  readonly epoch: Epoch
  /** Whether the node's previous beat is still there. If so, the next one was written, unless that was null. */
  readonly kept: boolean
  /** When the database server was started, in milliseconds. If it changes, it is another server or the same one after a restart. */
  readonly server: number
}

/** What this node has seen of a room. If a later reading contradicts it, the history was rewritten. */
export interface SeenChange {
  readonly room: RoomId
  /** The room had reached this number. */
  readonly seq: Seq
  /** The message that was sent with the number, 0 for any other change; null if only the number is known. */
  readonly message: MessageId | 0 | null
}

/** The epochs, and the nodes' beats, by which nodes notice that the database has gone back to an earlier state. */
export interface EpochLedger {
  /**
   * Checks the node's last beat, and writes the next one if it is still there.
   * @param node a name that no other node has; only this node writes its beats
   * @param seen the last beat that is known to be written; 0 for none
   * @param next the beat to write, higher than all that the node ever tried to write; null for none
   */
  beat(node: string, seen: number, next: number | null): Promise<Beat>
  /** Returns the last beats of nodes; without nodes that have none. */
  beats(nodes: readonly string[]): Promise<ReadonlyMap<string, number>>
  /**
   * Begins the epoch after `from`, under the name `next`, if the database itself proves that the history was rewritten: it is in
   * an earlier epoch or none, or the node's beat `seen` is missing, or a room contradicts the change that was seen in it.
   * @returns the current epoch afterwards: `from` if nothing was proven, a later one if another node has begun it
   */
  beginEpoch(from: Epoch, next: string, node: string, seen: number, change: SeenChange | null): Promise<Epoch>
}
