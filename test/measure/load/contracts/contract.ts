/*
 * What a client of a contract says and hears, as text. No imports of k6's or Bun's: the scripts run in k6, the tests in Bun.
 */

/** Who is in which room, over which contract. */
export interface Member {
  readonly room: Room
  readonly user: User
}

export interface Room {
  readonly id: number
  /** Empty for a direct chat. */
  readonly name: string
}

export interface User {
  readonly id: number
  readonly token: string
}

/** The live side of a contract. */
export interface SocketContract {
  /**
   * How the numbers of a room's events go on: `dense` by one each, so that a loss shows at once; `rising` with numbers in
   * between that the contract does not show, or that are other rooms'.
   */
  readonly numbers: 'dense' | 'rising'
  address(member: Member): Address
  /**
   * What the client sends once the handshake is done.
   * @param after the number up to which it has everything; null for who comes for the first time
   */
  greetings(member: Member, after: number | null): readonly string[]
  /** Whether there is nothing to wait for after the handshake and the greetings. */
  readonly liveAtOnce: boolean
  /** @param key unlike any other of this user's; for contracts that have idempotency keys */
  say(member: Member, body: string, key: string): string
  /** Throws where the frame is not JSON. */
  hear(frame: string): Heard
}

export interface Address {
  /** Behind the server's URL. */
  readonly path: string
  readonly headers: Record<string, string>
}

/** What a frame means to who listens to the room. */
export interface Heard {
  /** From here on the room is live. */
  readonly live: boolean
  readonly events: readonly Event[]
  /** Why something was refused; null where nothing was. */
  readonly refused: string | null
}

export interface Event {
  readonly number: number
  /** Of a message; null for anything else that has a number. */
  readonly body: string | null
}

/** The requests of a contract. */
export interface RestContract {
  /** Sends a message; by contract v1 where the contract itself has no such request. */
  send(member: Member, body: string, key: string): Asked
  /** Reads the latest messages that the contract tells of. */
  history(member: Member): Asked
  /** The bodies of the messages in an answer to that. Throws where the answer is not JSON. */
  bodies(answer: string): readonly string[]
}

export interface Asked {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Record<string, string>
  /** null: none. */
  readonly body: string | null
}
