import { parseArgs } from 'node:util'
import { type ContractName, contractNames } from './contracts/index.ts'

/** The options of the command line. null leaves the choice to the scenario. */
export interface Options {
  /** Names of scenarios; empty means all. */
  readonly scenarios: readonly string[]
  readonly contracts: readonly ContractName[] | null
  readonly seconds: number | null
  readonly users: number | null
  readonly nodes: number | null
  /** A server that runs already. */
  readonly url: string | null
}

/** @throws Error with one line if the options are not valid */
export function parseOptions(args: readonly string[]): Options {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      contract: { type: 'string', multiple: true },
      minutes: { type: 'string' },
      users: { type: 'string' },
      nodes: { type: 'string' },
      url: { type: 'string' },
    },
  })
  if (values.url !== undefined && values.nodes !== undefined)
    throw new Error('--nodes is for servers of its own; --url names one that runs already')
  const minutes = numberIn('minutes', values.minutes, 0.1, 120)
  return {
    scenarios: positionals,
    contracts: values.contract?.map(contractOf) ?? null,
    seconds: minutes === null ? null : Math.round(minutes * 60),
    users: wholeNumberIn('users', values.users, 2, 2000),
    nodes: wholeNumberIn('nodes', values.nodes, 1, 8),
    url: values.url === undefined ? null : loopbackUrl(values.url),
  }
}

function contractOf(name: string): ContractName {
  const found = contractNames.find((known) => known === name)
  if (found === undefined)
    throw new Error(`there is no contract ${name}; there are ${contractNames.join(', ')}`)
  return found
}

function wholeNumberIn(name: string, text: string | undefined, least: number, most: number): number | null {
  const value = numberIn(name, text, least, most)
  if (value !== null && !Number.isInteger(value)) throw new Error(`--${name} must be whole, but is ${text}`)
  return value
}

function numberIn(name: string, text: string | undefined, least: number, most: number): number | null {
  if (text === undefined) return null
  const value = Number(text)
  if (!(value >= least && value <= most))
    throw new Error(`--${name} must be from ${least} to ${most}, but is ${text}`)
  return value
}

/** Load on another person's machine is an attack. Reach your own machine through a tunnel. */
function loopbackUrl(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new Error(`--url must be like http://127.0.0.1:8000, but is ${text}`)
  if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))
    throw new Error(
      `--url must be on this machine, but is ${text}; a server elsewhere is reached through a tunnel`,
    )
  return url.origin
}
