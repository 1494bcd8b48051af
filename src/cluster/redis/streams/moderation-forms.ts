import type { RestraintEvent, RoomId, RulesEvent } from '../../../core/index.ts'
import { fieldOf } from './field-of.ts'

/* How the events of moderation look in a stream; a part of `event-forms.ts`. */

export const restraintForm = { encode: encodeRestraint, decode: decodeRestraint }
export const rulesForm = { encode: encodeRules, decode: decodeRules }

interface RestraintForm extends Omit<RestraintEvent, 'at' | 'until'> {
  readonly until: number | null
  readonly at: number
}

function encodeRestraint({ at, until, ...event }: RestraintEvent): RestraintForm {
  return { ...event, until: until?.getTime() ?? null, at: at.getTime() }
}

function decodeRestraint(_: RoomId, form: unknown): RestraintEvent | null {
  if (!isRestraintForm(form)) return null
  return { ...form, until: form.until === null ? null : new Date(form.until), at: new Date(form.at) }
}

function isRestraintForm(form: unknown): form is RestraintForm {
  return (
    fieldOf(form, 'user') !== undefined &&
    fieldOf(form, 'until') !== undefined &&
    typeof fieldOf(form, 'at') === 'number'
  )
}

interface RulesForm extends Omit<RulesEvent, 'at'> {
  readonly at: number
}

function encodeRules({ at, ...event }: RulesEvent): RulesForm {
  return { ...event, at: at.getTime() }
}

function decodeRules(_: RoomId, form: unknown): RulesEvent | null {
  return isRulesForm(form) ? { ...form, at: new Date(form.at) } : null
}

function isRulesForm(form: unknown): form is RulesForm {
  return (
    typeof fieldOf(form, 'posting') === 'string' &&
    typeof fieldOf(form, 'slowMode') === 'number' &&
    typeof fieldOf(form, 'at') === 'number'
  )
}
