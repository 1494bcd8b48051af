// What was said on the wire, recorded once and compared from then on. UPDATE_TRANSCRIPTS=1 records it anew.
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { chatServiceExamples } from './examples/chat-service.ts'
import { directChatsExamples } from './examples/direct-chats.ts'
import { groupsExamples } from './examples/groups.ts'
import { liveChatExamples } from './examples/live-chat.ts'
import { v1Examples } from './examples/v1.ts'
import { v2Examples } from './examples/v2.ts'
import { chatService } from './scenarios/chat-service.ts'
import { directChats } from './scenarios/direct-chats.ts'
import { groups } from './scenarios/groups.ts'
import { liveChat } from './scenarios/live-chat.ts'
import { v1 } from './scenarios/v1.ts'
import { v2 } from './scenarios/v2.ts'
import type { Example } from './support/example.ts'
import { missingExamples } from './support/example.ts'
import { format } from './support/format.ts'
import { createRecorder, type Recorder } from './support/recorder.ts'
import { startForTranscript } from './support/start.ts'

interface Contract {
  readonly name: string
  readonly scenario: (recorder: Recorder) => Promise<void>
  /** What the contract's document shows. */
  readonly examples: readonly Example[]
  readonly env?: Readonly<Record<string, string>>
}

const contracts: Contract[] = [
  { name: 'chat-service', scenario: chatService, examples: chatServiceExamples },
  { name: 'live-chat', scenario: liveChat, examples: liveChatExamples, env: { ALLOW_GUESTS: 'true' } },
  { name: 'direct-chats', scenario: directChats, examples: directChatsExamples },
  { name: 'groups', scenario: groups, examples: groupsExamples, env: { TRUSTED_PROXIES: '127.0.0.1' } },
  { name: 'v1', scenario: v1, examples: v1Examples },
  { name: 'v2', scenario: v2, examples: v2Examples() },
]

describe.each(contracts)('the transcript of $name', ({ name, scenario, examples, env = {} }) => {
  const file = Bun.file(join(import.meta.dir, `${name}.json`))

  test('equals what the server sends today', async () => {
    const app = await startForTranscript(env)
    const recorder = createRecorder(app)
    await scenario(recorder)
    await app.close()
    const text = `${format(recorder.entries())}\n`
    if (process.env.UPDATE_TRANSCRIPTS === '1') await Bun.write(file, text)
    expect(text).toBe(await file.text())
  })

  test('holds every example of the document', async () => {
    expect(missingExamples(examples, await file.json())).toEqual([])
  })
})
