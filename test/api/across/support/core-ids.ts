import { isId, type UserRef } from '../../../../src/core/index.ts'
import type { Person } from './people.ts'

/** A number from the wire, as the core's own ids are typed. */
export function coreId(value: number) {
  if (!isId(value)) throw new Error(`${value} is no id`)
  return value
}

export function coreUser({ id, username }: Person): UserRef {
  return { id: coreId(id), username }
}
