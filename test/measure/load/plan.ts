/* What a script is to do: written by the program, read by k6. */
import type { ContractName, Room, User } from './contracts/index.ts'

export interface Plan<Item, Rules> {
  /** One for each client. */
  readonly items: readonly Item[]
  readonly rules: Rules
}

/** Clients that talk and listen, each over one socket. */
export type TalkPlan = Plan<Seat, TalkRules>

export interface TalkRules {
  /** Within this time all clients connect; then the talk begins. */
  readonly connectMs: number
  readonly talkMs: number
  readonly thresholds: Thresholds
}

/** One client: who it is, and when it does what. Times are milliseconds from the beginning of the talk. */
export interface Seat {
  /** Which figures its own are added to. */
  readonly kind: string
  readonly contract: ContractName
  /** The server's URL. */
  readonly url: string
  readonly room: Room
  readonly user: User
  /** Messages that it sends, the first at `firstMs`; 0 for one that listens. */
  readonly sends: number
  readonly firstMs: number
  readonly everyMs: number
  /** How many messages each user says in the room, by user id. */
  readonly said: Readonly<Record<string, number>>
  /** When it is not connected, in order; for contracts that let it go on where it was. */
  readonly absences: readonly { readonly from: number; readonly until: number }[]
}

/** Clients that send by request and look whether what they sent is in the history. */
export type RestPlan = Plan<Reader, RestRules>

export interface RestRules {
  readonly seconds: number
  readonly pauseMs: number
  readonly thresholds: Thresholds
}

export type Reader = Pick<Seat, 'contract' | 'url' | 'room' | 'user'>

/** Accounts that all sign in at once, while somebody else goes on to chat. */
export type LoginPlan = Plan<Account, LoginRules>

export interface LoginRules {
  readonly bystander: Reader
  readonly seconds: number
  readonly thresholds: Thresholds
}

export interface Account {
  readonly url: string
  readonly username: string
  readonly password: string
}

/** k6's: expressions by metric. */
export type Thresholds = Record<string, string[]>
