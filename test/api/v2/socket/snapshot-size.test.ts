import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeRoom, type Person, person, say } from '../support/people.ts'
import { enter } from '../support/rooms.ts'
import { connect } from '../support/v2-client.ts'

const MEGABYTE = 1_048_576

let app: TestApp
let owner: Person

beforeAll(async () => {
  app = await startApp({ MAX_MESSAGE_LENGTH: '16000', MAX_BODY_BYTES: '131072' })
  owner = await person(app)
})
afterAll(() => app.close())

describe('a snapshot of many large messages is bounded: it has the latest, without a gap', () => {
  test.each([
    ['ASCII', 'x'],
    ['quotes', '"'],
    ['three bytes a character', '語'],
    ['four bytes a character', '👩'],
    ['characters that JSON escapes', '\u0001'],
  ])('%s', async (_, character) => {
    const room = await makeRoom(app, owner)
    const filler = character.repeat(15_900)
    for (let n = 10; n < 90; n++) await say(app, room, owner, `${n} ${filler}`)
    const client = await connect(app, owner)
    const { answer } = await enter(client, room, undefined, 200)
    const text = client.texts.find((each) => each.startsWith('{"type":"result"')) ?? ''
    expect(Buffer.byteLength(text)).toBeLessThan(MEGABYTE * 0.9)
    const shown = answer.snapshot?.messages.map(({ body }) => Number(body.slice(0, 2))) ?? []
    expect(shown.length).toBeGreaterThan(1)
    expect(shown).toEqual(Array.from({ length: shown.length }, (_, i) => 90 - shown.length + i))
    expect(answer.snapshot?.has_older).toBe(true)
    await client.close()
  })
})
