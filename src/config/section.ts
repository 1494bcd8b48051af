import type { Source, Variable } from './variable.ts'

/** A group of settings: one object in Config, and one heading in the documentation. */
export interface Section<T> {
  /** This section's own variables first, then those of the sections in it. */
  readonly groups: readonly Group[]
  /** Returns a frozen object. @throws ConfigError at the first wrong value */
  read(source: Source): T
}

export interface Group {
  readonly title: string
  readonly variables: readonly Variable<unknown>[]
}

export function section<T extends object>(title: string, fields: Fields<T>): Section<Readonly<T>> {
  return {
    groups: groupsOf(title, fields),
    read(source) {
      const values: Partial<T> = {}
      for (const key in fields) values[key] = fields[key].read(source)
      if (!isComplete(values, fields)) throw new TypeError(`${title} was not read completely`)
      return Object.freeze(values)
    },
  }
}

function isComplete<T extends object>(values: Partial<T>, fields: Fields<T>): values is T {
  return Object.keys(fields).every((key) => Object.hasOwn(values, key))
}

function groupsOf<T>(title: string, fields: Fields<T>): Group[] {
  const variables: Variable<unknown>[] = []
  const nested: Group[] = []
  for (const key in fields) {
    const field: Variable<unknown> | Section<unknown> = fields[key]
    if ('groups' in field) nested.push(...field.groups)
    else variables.push(field)
  }
  return [{ title, variables }, ...nested]
}

type Fields<T> = { readonly [Key in keyof T]: Variable<T[Key]> | Section<T[Key]> }
