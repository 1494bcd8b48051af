import type { Target } from '../load/drive.ts'

/** A server that others use for the same purpose. */
export interface Peer {
  readonly name: string
  readonly promises: Promises
  /**
   * Starts it on loopback, for so many clients in one room.
   * @throws LeftOut where it cannot be had on this machine
   */
  start(clients: number): Promise<RunningPeer>
}

/** In a few words each, as its own documentation has it; of the setup that is measured. */
export interface Promises {
  readonly stores: string
  /** What all clients are shown messages in. */
  readonly order: string
  /** Whether a client that was away is given what it missed. */
  readonly replay: string
  /** Whether a sender is told that its message will outlive a crash of the server. */
  readonly durable: string
}

export interface RunningPeer extends Target {
  /** With that of what it runs on. */
  readonly version: string
  /** Ends it, and deletes what it has left. */
  remove(): Promise<void>
}

/** Why there are no figures for a peer: one line that names what to install. */
export class LeftOut extends Error {
  override readonly name = 'LeftOut'
}
