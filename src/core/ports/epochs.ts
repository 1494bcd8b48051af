import type { MessageId, RoomId, Seq } from '../model.ts'

/** An epoch of the history that the database holds. Another one begins when the history was rewritten. */
export interface Epoch {
  /** Ascends; 0 when the database has none. */
  readonly number: number
  /** Unlike that of any other epoch, of this database or another. */
  readonly name: string
}

export interface Beat {
  readonly epoch: Epoch
  /** Whether the beat that the node wrote before is still there; then the next one was written, if there was one to write. */
  readonly kept: boolean
  /** When the database's server was started, in milliseconds: another value is another server, or the same one after a restart. */
  readonly server: number
}

/** What this node has seen of a room: a later reading that does not agree shows that the history was rewritten. */
export interface SeenChange {
  readonly room: RoomId
  /** The room had reached this number. */
  readonly seq: Seq
  /** The message that was sent with the number, 0 for any other change; null if only the number is known. */
  readonly message: MessageId | 0 | null
}

/** Where nodes write that they have seen the database as it is, so that they notice when it goes back to an earlier state. */
export interface EpochLedger {
  /**
   * @param node unlike any other's; alone writes its beats
   * @param seen the last beat that is known to be written; 0 for none
   * @param next the beat to write, above all that the node ever tried to write; null for none
   */
  beat(node: string, seen: number, next: number | null): Promise<Beat>
  /** The last beats of nodes; one that has none is missing from the answer. */
  beats(nodes: readonly string[]): Promise<ReadonlyMap<string, number>>
  /**
   * Begins the epoch after `from`, under the name `next`, if the database itself proves that the history was rewritten: it is in
   * an earlier epoch or none, or the node's beat `seen` is missing, or a room contradicts the change that was seen in it.
   * @returns the epoch that holds afterwards: `from` if nothing was proven, a later one if somebody else has begun it
   */
  beginEpoch(from: Epoch, next: string, node: string, seen: number, change: SeenChange | null): Promise<Epoch>
}
