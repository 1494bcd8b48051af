import { expect, test } from 'bun:test'
import { startApp } from '../../support/app.ts'
import { openTables } from './support/stored.ts'
import { countsWhatWasNotShown } from './support/unread-property.ts'

test('whatever two users do, exactly the messages that they have not been shown count as unread', async () => {
  // Fewer than any machine lets a process have files open, which would be warned of.
  const app = await startApp({ MAX_CONNECTIONS: '100' })
  const tables = openTables(app.databaseUrl)
  await countsWhatWasNotShown(app, tables, 100)
  expect(app.logs().filter((line) => /"level":(40|50|60)/.test(line))).toEqual([])
  await tables.close()
  await app.close()
})
