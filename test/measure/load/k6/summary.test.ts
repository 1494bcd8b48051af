import { expect, test } from 'bun:test'
import { shown } from './summary.ts'

test('the figures are shown with their thresholds, and those that miss them', () => {
  const lines = shown({
    metrics: {
      lost: { type: 'counter', values: { count: 2, rate: 0.1 }, thresholds: { 'count==0': { ok: false } } },
      delivery_ms: {
        type: 'trend',
        values: { med: 12.5, 'p(95)': 80, 'p(99)': 120, max: 12_345 },
        thresholds: { 'p(99)<5000': { ok: true }, 'p(95)<2000': { ok: true } },
      },
      checks: { type: 'rate', values: { rate: 0.995, passes: 199, fails: 1 } },
      shed: { type: 'counter', values: { count: 7 } },
      iterations: { type: 'counter', values: { count: 5 } },
      http_req_duration: { type: 'trend', values: { med: 1 } },
    },
  })
  expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['figure', 'must be'],
    ['checks', '99.50 % of 200'],
    ['ok', 'delivery_ms', 'med 12.50', 'p(95) 80.00', 'p(99) 120', 'max 12 k', 'p(95)<2000, p(99)<5000'],
    ['NO', 'lost', '2', 'count==0'],
    ['shed', '7'],
  ])
})
