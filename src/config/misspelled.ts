import { distance } from 'fastest-levenshtein'
import type { Environment } from './variable.ts'

/** The prefix that people may expect before a setting's name. */
const OWN = /^PARLEY_/
/** Kubernetes sets variables of these forms in containers if there is a service named parley. */
const OF_A_SERVICE = /_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$/
/** Names of at most this many letters may differ from a setting in one letter, longer ones in two. */
const SHORT_NAME = 8

/** Returns a line for each variable that is not a setting but differs from one only in case, underscores, or one or two letters. */
export function misspelled(env: Environment, settings: readonly string[]): string[] {
  const known = new Set(settings)
  return Object.keys(env).flatMap((name) => {
    if (known.has(name) || isOfService(name, env[name])) return []
    const meant = meantBy(name, settings)
    if (meant !== null) return [`${name} is not a setting and is ignored: did you mean ${meant}?`]
    return OWN.test(name) ? [`${name} is not a setting and is ignored`] : []
  })
}

function meantBy(name: string, settings: readonly string[]): string | null {
  const letters = bare(name.replace(OWN, ''))
  const allowed = letters.length > SHORT_NAME ? 2 : 1
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
