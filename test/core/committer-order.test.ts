import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type AppendCall, away, FakeLog } from './fakes/fake-log.ts'
import { Sends } from './fakes/sends.ts'
import { draft } from './fakes/values.ts'

test('under random faults each send is answered once, acknowledged messages are written once, and order is kept', async () => {
  const fate = fc.constantFrom('fine', 'fine', 'slow', 'away', 'lost', 'poisoned')
  const sent = fc.record({
    room: fc.integer({ min: 1, max: 5 }),
    sender: fc.integer({ min: 1, max: 3 }),
    repeats: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(sent, { maxLength: 6, size: 'max' }), { maxLength: 12 }),
      fc.array(fate),
      fc.integer({ min: 1, max: 3 }),
      async (ticks, fates, lanes) => {
        const log = new FakeLog(lanes, [1, 2, 3, 4])
        const sends = new Sends(log, { batchLimit: 4, queueLimit: 20 })
        let step = 0
        let poisoned: string | null = null
        log.before = async ({ batch }: AppendCall) => {
          const now = fates[step++]
          if (now === 'slow') await new Promise<void>((resolve) => sends.clock.after(50, resolve))
          if (now === 'away') throw away()
          if (now === 'poisoned') poisoned ??= batch.drafts[0]?.clientId ?? null
          if (batch.drafts.some(({ clientId }) => clientId === poisoned)) throw new Error('poisoned')
        }
        log.after = () => {
          if (fates[step++] === 'lost') throw away()
        }
        let key = 0
        for (const tick of ticks) {
          for (const { room, sender, repeats } of tick) {
            if (!repeats) key++
            sends.send(draft(room, sender, `${room}.${sender}.${key}`))
          }
          await sends.clock.advance(10)
        }
        await sends.clock.advance(60_000)
        await sends.committer.close()

        expect(sends.committer.waiting).toBe(0)
        expect(sends.answerCounts.filter((count) => count !== 1)).toEqual([])
        for (const { draft: asked, message } of sends.answers) {
          const own = log.rooms.get(asked.roomId)?.filter(({ clientId }) => clientId === asked.clientId)
          if (message !== null) expect(own).toEqual([message])
        }
        for (const messages of log.rooms.values()) {
          for (const who of [1, 2, 3]) {
            const keys = messages
              .filter((m) => m.sender.id === who)
              .map((m) => Number(m.clientId.split('.')[2]))
            expect(keys).toEqual(keys.toSorted((a, b) => a - b))
          }
        }
      },
    ),
    { numRuns: 150 },
  )
})
