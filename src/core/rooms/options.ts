export interface RoomsOptions {
  /** Members up to which a room shows lists: members in snapshots, marks, presence. Larger ones show counts. */
  readonly listLimit: number
  /** The most characters (code points) of a message. */
  readonly maxLength: number
}
