import { ChatError } from '../errors.ts'
import type { DetailsChange, DetailValues, MessageDetails } from '../model.ts'
import { attachments } from './attachments.ts'
import type { Entry } from './entry.ts'
import { mentions } from './mentions.ts'
import { metadata } from './metadata.ts'

type Name = keyof DetailValues
type Entries = { readonly [N in Name]: Entry<DetailValues[N]> }
/** As `MessageDetails` and `DetailsChange`, mapped from the same type as the entries. */
type Some<Nothing> = { readonly [N in Name]?: DetailValues[N] | Nothing }

/** Every member of a message's details. Each contract has a table with the same keys for what it shows of them. */
const entries: Entries = { metadata, attachments, mentions }

/** The members that this version knows. */
export const detailNames: readonly Name[] = namesOf(entries)

/** The most that `detailsLength` returns. */
export const MOST_DETAILS_LENGTH = detailNames.reduce((sum, name) => sum + entries[name].most, 0)

/** Returns why these details may not be sent, or null. `field` is the member at fault, by the core's name. */
export function detailsProblem(details: DetailsChange): ChatError | null {
  for (const name of detailNames) {
    const problem = problemOf(name, details)
    if (problem !== null) return new ChatError('invalid', problem, { field: name })
  }
  return null
}

/** Returns the details as text, for `detailsOf`: a JSON object with the stored form of each member. */
export function storedDetails(details: MessageDetails): string {
  return changedDetails(details)
}

/** Returns a change of details as text: as `storedDetails`, with null for each member that is to be removed. */
export function changedDetails(details: DetailsChange): string {
  return JSON.stringify(Object.fromEntries(detailNames.flatMap((name) => storedMember(name, details))))
}

/** Returns the details that `storedDetails` wrote; null if this version knows none of them. */
export function detailsOf(stored: string): MessageDetails | null {
  const parsed: unknown = JSON.parse(stored)
  const details: Mutable<Some<never>> = {}
  let found = false
  for (const name of detailNames) if (restore(name, parsed, details)) found = true
  return found ? details : null
}

/** Returns the UTF-16 units that count towards bounds. */
export function detailsLength(details: MessageDetails): number {
  let sum = 0
  for (const name of detailNames) sum += lengthOf(name, details)
  return sum
}

function problemOf<N extends Name>(name: N, details: Some<null>): string | null {
  const value = details[name]
  return value === undefined || value === null ? null : entries[name].problem(value)
}

function storedMember<N extends Name>(name: N, details: Some<null>): [name: Name, stored: unknown][] {
  const value = details[name]
  if (value === undefined) return []
  return [[name, value === null ? null : entries[name].stored(value)]]
}

function restore<N extends Name>(name: N, parsed: unknown, details: Mutable<Some<never>>): boolean {
  if (typeof parsed !== 'object' || parsed === null || !Object.hasOwn(parsed, name)) return false
  const value = entries[name].restored(Reflect.get(parsed, name))
  if (value === null) return false
  details[name] = value
  return true
}

function lengthOf<N extends Name>(name: N, details: Some<never>): number {
  const value = details[name]
  return value === undefined ? 0 : entries[name].length(value)
}

function namesOf(table: Entries): Name[] {
  return Object.keys(table).filter((key): key is Name => Object.hasOwn(table, key))
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
