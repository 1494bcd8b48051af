import { distance } from 'fastest-levenshtein'
import type { Environment } from './variable.ts'

/** What installations may put before a name that they think of as ours. */
const OWN = /^PARLEY_/
/** Kubernetes tells containers of a service named parley by variables of these forms. */
const OF_A_SERVICE = /_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$/
/** Names of at most so many letters may differ in one from what was meant, longer ones in two. */
const SHORT = 8

/** A line for each variable of the environment that is no setting but looks like one: case, underscores and a letter or two aside. */
export function misspelled(env: Environment, settings: readonly string[]): string[] {
  const known = new Set(settings)
  return Object.keys(env).flatMap((name) => {
    if (known.has(name) || isOfService(name, env[name])) return []
    const meant = meantBy(name, settings)
    if (meant !== null) return [`${name} is no setting and is ignored: is ${meant} meant?`]
    return OWN.test(name) ? [`${name} is no setting and is ignored`] : []
  })
}

function meantBy(name: string, settings: readonly string[]): string | null {
  const letters = bare(name.replace(OWN, ''))
  const allowed = letters.length > SHORT ? 2 : 1
  let best: string | null = null
  let least = allowed + 1
  for (const setting of settings) {
    const apart = distance(letters, bare(setting))
    if (apart >= least) continue
    best = setting
    least = apart
  }
  return best
}

function bare(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
}

function isOfService(name: string, value = ''): boolean {
  return (
    OF_A_SERVICE.test(name) &&
    (name.includes('_SERVICE_') || /^(tcp|udp|sctp):/.test(value) || /_PORT_\d+_/.test(name))
  )
}
