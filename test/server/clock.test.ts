import { expect, test } from 'bun:test'
import { join } from 'node:path'

test('a timer for a past moment runs at once, without a warning', async () => {
  const program = `
    import { systemClock } from ${JSON.stringify(join(import.meta.dir, '../../src/server/clock.ts'))}
    systemClock.after(-1, () => console.log('ran'))`
  const run = Bun.spawn([process.execPath, '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] })
  expect([await run.stdout.text(), await run.stderr.text()]).toEqual(['ran\n', ''])
})
