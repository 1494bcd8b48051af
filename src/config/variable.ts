import { ConfigError } from './config-error.ts'
import { quote } from './quote.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where values come from. Some defaults are stricter in production. */
export interface Source {
  readonly env: Environment
  readonly production: boolean
}

/** One environment variable: its documentation, and how its value is read. */
export interface Variable<T> {
  readonly name: string
  readonly meaning: string
  readonly rule: Rule
  /** As they would be written in the environment; empty if the default is unset. */
  readonly defaults: { readonly usual: string; readonly production: string }
  /** Ignores surrounding blanks; an empty value means unset. @throws ConfigError if the value is wrong */
  read(source: Source): T
}

/** Which values are allowed, as data, so that errors, documentation and tests agree. */
export type Rule =
  | {
      readonly kind: 'integer'
      readonly min: number
      readonly max: number
      readonly unit?: string | undefined
    }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'text' | 'list'; readonly form: string }

/** The form that a text must have: `form` completes "must be …". */
export interface Format {
  readonly form: string
  accepts(text: string): boolean
}

export interface Defaults<T> {
  readonly default: T
  /** The default if NODE_ENV is production and the default differs there. */
  readonly inProduction?: T
}

export interface IntegerRange {
  readonly min: number
  readonly max: number
  readonly unit?: string
}

/** An integer in decimal digits, from `min` to `max`, both included. */
export function integer(
  name: string,
  { min, max, unit, ...defaults }: Defaults<number> & IntegerRange,
  meaning: string,
): Variable<number> {
  const rule: Rule = { kind: 'integer', min, max, unit }
  return variable(name, defaults, meaning, rule, (text) => {
    const value = Number(text)
    return /^-?\d+$/.test(text) && value >= min && value <= max ? value : undefined
  })
}

export function boolean(name: string, defaults: Defaults<boolean>, meaning: string): Variable<boolean> {
  const values = new Map([
    ['true', true],
    ['false', false],
  ])
  const rule: Rule = { kind: 'choice', choices: [...values.keys()] }
  return variable(name, defaults, meaning, rule, (text) => values.get(text))
}

export function choice<const Choice extends string>(
  name: string,
  choices: readonly Choice[],
  defaults: Defaults<NoInfer<Choice>>,
  meaning: string,
): Variable<Choice> {
  return variable<Choice>(name, defaults, meaning, { kind: 'choice', choices }, (text) =>
    choices.find((known) => known === text),
  )
}

export function text(
  name: string,
  format: Format,
  defaults: Defaults<string>,
  meaning: string,
): Variable<string> {
  const rule: Rule = { kind: 'text', form: format.form }
  return variable(name, defaults, meaning, rule, (value) => (format.accepts(value) ? value : undefined))
}

/** A text that has no default. */
export function optionalText(name: string, format: Format, meaning: string): Variable<string | undefined> {
  const rule: Rule = { kind: 'text', form: format.form }
  const parse = (value: string) => (format.accepts(value) ? value : undefined)
  return variable<string | undefined>(name, { default: undefined }, meaning, rule, parse)
}

/** A URL that may contain a password and has no default. An error shows only its scheme. */
export function secretUrl(name: string, format: Format, meaning: string): Variable<string | undefined> {
  const rule: Rule = { kind: 'text', form: format.form }
  const parse = (value: string) => (format.accepts(value) ? value : undefined)
  return variable<string | undefined>(name, { default: undefined }, meaning, rule, parse, schemeOnly)
}

/** A secret that has no default. An error does not show it. */
export function secretText(name: string, format: Format, meaning: string): Variable<string | undefined> {
  const rule: Rule = { kind: 'text', form: format.form }
  const parse = (value: string) => (format.accepts(value) ? value : undefined)
  return variable<string | undefined>(name, { default: undefined }, meaning, rule, parse, () => 'is not')
}

/** A list of items separated by commas, empty by default. Blanks around items and empty items are ignored. */
export function list(name: string, format: Format, meaning: string): Variable<readonly string[]> {
  const rule: Rule = { kind: 'list', form: format.form }
  const defaults: Defaults<readonly string[]> = { default: Object.freeze([]) }
  const parse = (value: string) => {
    const items = itemsOf(value)
    return items.every((item) => format.accepts(item)) ? Object.freeze(items) : undefined
  }
  return variable(name, defaults, meaning, rule, parse, (value) => {
    const wrong = itemsOf(value).find((item) => !format.accepts(item))
    return `contains ${quote(wrong ?? value)}`
  })
}

/** Completes "must be …". */
export function describe(rule: Rule): string {
  switch (rule.kind) {
    case 'integer':
      return `an integer from ${rule.min} to ${rule.max}${rule.unit === undefined ? '' : ` (${rule.unit})`}`
    case 'choice':
      return rule.choices.length === 2 ? rule.choices.join(' or ') : `one of ${rule.choices.join(', ')}`
    case 'text':
      return rule.form
    case 'list':
      return `a comma-separated list of ${rule.form}`
  }
}

function variable<T>(
  name: string,
  { default: usual, inProduction = usual }: Defaults<T>,
  meaning: string,
  rule: Rule,
  parse: (text: string) => T | undefined,
  found: (wrong: string) => string = (wrong) => `is ${quote(wrong)}`,
): Variable<T> {
  return {
    name,
    meaning,
    rule,
    defaults: { usual: written(usual), production: written(inProduction) },
    read({ env, production }) {
      const text = env[name]?.trim() ?? ''
      if (text === '') return production ? inProduction : usual
      const value = parse(text)
      if (value === undefined) throw new ConfigError(`${name} must be ${describe(rule)}, but ${found(text)}`)
      return value
    },
  }
}

function written(value: unknown): string {
  return value === undefined ? '' : String(value)
}

function itemsOf(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function schemeOnly(wrong: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(wrong)?.[0]
  return scheme === undefined ? 'is not (its value is not shown)' : `is "${scheme}…" (the rest is not shown)`
}
