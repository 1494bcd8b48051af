import { SharedArray } from 'k6/data'
import type { Plan } from '../plan.ts'

/**
 * The plan, written by the program that runs the script; for k6's init context only. It is read once for all clients: k6
 * gives each of them a world of its own, in which a long list would cost time and memory.
 */
export function readPlan<Item, Rules>(): Plan<Item, Rules> {
  const items = new SharedArray<Item>('items', () => [...parsed<Item, Rules>().items])
  const [rules] = new SharedArray<Rules>('rules', () => [parsed<Item, Rules>().rules])
  if (rules === undefined) throw new Error('the plan has no rules')
  return { items, rules }
}

function parsed<Item, Rules>(): Plan<Item, Rules> {
  const plan: Plan<Item, Rules> = JSON.parse(String(open(__ENV.PLAN ?? '')))
  return plan
}
