import type { ContractName } from '../contracts/index.ts'
import type { Script } from '../k6/run.ts'
import type { Servers } from '../servers.ts'

export interface Scenario {
  readonly name: string
  /** One line. */
  readonly title: string
  /** The number of nodes that it starts, unless the options name another. */
  readonly nodes: number
  readonly usual: { readonly seconds: number; readonly users: number }
  /** The contracts that it can be asked for. */
  readonly contracts: readonly ContractName[]
  readonly script: Script
  /** Creates users and rooms for one run after the other. The load of a run ends before the next run is requested. */
  runs(size: Size, servers: Servers['urls']): AsyncIterable<Prepared>
}

export interface Size {
  readonly seconds: number
  readonly users: number
  readonly contracts: readonly ContractName[]
}

export interface Prepared {
  /** A word for the names of files. */
  readonly name: string
  /** How many clients do what, in a line. */
  readonly what: string
  readonly plan: object
}

/** Raises the limits per address, because all clients of the load come from one. For the servers of every scenario. */
export const limits = {
  RATE_REQUESTS_PER_MINUTE: '1000000',
  RATE_REGISTRATIONS_PER_MINUTE: '100000',
  RATE_LOGINS_PER_MINUTE: '10000',
  MAX_CONNECTIONS_PER_ADDRESS: '10000',
} as const
