import type { ContractName } from '../contracts/index.ts'
import type { Script } from '../k6/run.ts'
import type { Servers } from '../servers.ts'

export interface Scenario {
  readonly name: string
  /** One line. */
  readonly title: string
  /** Of its own servers, unless it is told another number. */
  readonly nodes: number
  readonly usual: { readonly seconds: number; readonly users: number }
  /** The contracts that it can be asked for. */
  readonly contracts: readonly ContractName[]
  readonly script: Script
  /** Makes users and rooms, one run after the other; the load of a run ends before the next is asked for. */
  runs(size: Size, servers: Servers['urls']): AsyncIterable<Prepared>
}

export interface Size {
  readonly seconds: number
  readonly users: number
  readonly contracts: readonly ContractName[]
}

export interface Prepared {
  /** A word, of the names of files. */
  readonly name: string
  /** How many clients do what, in a line. */
  readonly what: string
  readonly plan: object
}

/** The limits on clients that stand in the way of one address that is many: for the servers of every scenario. */
export const limits = {
  RATE_REQUESTS_PER_MINUTE: '1000000',
  RATE_REGISTRATIONS_PER_MINUTE: '100000',
  RATE_LOGINS_PER_MINUTE: '10000',
  MAX_CONNECTIONS_PER_ADDRESS: '10000',
} as const
