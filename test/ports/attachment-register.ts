import { beforeAll, describe, expect, test } from 'bun:test'
import {
  type Attachment,
  type AttachmentId,
  type Draft,
  jsonText,
  type NewAttachment,
  type Room,
  type UploadLimits,
  type User,
  type UserRef,
} from '../../src/core/index.ts'
import { present } from '../core/fakes/values.ts'
import { batchOf, type MakeStores, verdictsOf, World } from './world.ts'

const LIMITS: UploadLimits = { quotaBytes: 1000, bytesPerHour: 2000, filesPerHour: 50 }
const HOUR_MS = 3_600_000

/** What `AttachmentRegister` promises, and the append of what it does with attachments. */
export function attachmentRegisterContract(make: MakeStores): void {
  describe('an attachment register', () => {
    let world: World
    let ann: User
    let bob: User
    let room: Room
    beforeAll(async () => {
      world = new World(await make())
      ;[ann, bob] = await world.pair()
      room = await world.room([ann, bob])
    })

    const wanted = (uploader: UserRef, more: Partial<NewAttachment> = {}): NewAttachment => ({
      room: room.id,
      uploader: uploader.id,
      key: world.name('key'),
      name: 'plan "é" \\ 🎉.png',
      type: 'image/png',
      size: 100,
      width: 3,
      height: 2,
      placeholder: 'data:,',
      hasThumbnail: true,
      ...more,
    })

    async function added(uploader: UserRef, more: Partial<NewAttachment> = {}): Promise<AttachmentId> {
      const id = await world.store.addAttachment(wanted(uploader, more), LIMITS)
      if (typeof id !== 'number') throw new Error('the limits do not allow it')
      return id
    }

    async function stored(uploader: UserRef, more: Partial<NewAttachment> = {}): Promise<AttachmentId> {
      const id = await added(uploader, more)
      expect(await world.store.storedAttachment(id)).toBeTrue()
      return id
    }

    const idsOf = async (user: User, ids: readonly AttachmentId[], where = room) =>
      (await world.other.attachments(where.id, user.id, ids)).map(({ id }) => id)

    const draftWith = (sender: UserRef, attachments: readonly (Attachment | AttachmentId)[], where = room) =>
      world.draft(where, sender, { body: '', details: { attachments } })

    const append = (...drafts: Draft[]) => world.store.append(0, batchOf(drafts))
    const verdictOf = async (...given: Parameters<typeof draftWith>) =>
      verdictsOf(await append(draftWith(...given)))[0]

    test('shows a stored upload to its uploader, and a sent one to all who ask in its room', async () => {
      const id = await added(ann)
      expect(await idsOf(ann, [id])).toEqual([])
      expect(await world.store.storedAttachment(id)).toBeTrue()
      expect(await world.store.storedAttachment(id)).toBeFalse()
      expect([await idsOf(ann, [id]), await idsOf(bob, [id])]).toEqual([[id], []])
      expect(await verdictOf(ann, [id])).toBe('sent')
      expect([await idsOf(ann, [id]), await idsOf(bob, [id])]).toEqual([[id], [id]])
      const elsewhere = await world.room([ann])
      expect(await idsOf(ann, [id], elsewhere)).toEqual([])
    })

    test('gives attachments to a message in the order in which it names them, whatever else is in the batch', async () => {
      const ids = [await stored(ann), await stored(ann, { width: null, height: null, hasThumbnail: false })]
      const drafts = [
        world.draft(room, bob),
        draftWith(ann, ids.toReversed()),
        world.draft(room, bob, { details: { metadata: jsonText({ a: 1 }) } }),
      ]
      const result = await world.store.append(0, batchOf(drafts))
      // At once, or draft by draft if an earlier batch had a retry in it.
      expect(verdictsOf(result)).toEqual(['sent', 'sent', 'sent'])
      const facts = result.details?.[1]?.attachments
      expect(facts).toMatchObject([
        { id: ids[1], width: null, hasThumbnail: false },
        {
          id: ids[0],
          name: 'plan "é" \\ 🎉.png',
          type: 'image/png',
          size: 100,
          width: 3,
          placeholder: 'data:,',
        },
      ])
      expect(result.details?.[0]).toBeNull()
      expect(result.details?.[2]).toEqual({ metadata: jsonText({ a: 1 }) })
      const message = await world.read(room, { seq: present(result.seqs[1]) })
      expect(message.details?.attachments).toEqual(present(facts))
    })

    test("refuses what is another's, elsewhere, unknown, not stored, sent or ended, and writes none of the message", async () => {
      const mine = await stored(ann)
      const elsewhere = await world.room([ann])
      const sent = await stored(ann)
      await append(draftWith(ann, [sent]))
      const wrong = [await stored(bob), await stored(ann, { room: elsewhere.id }), await added(ann), sent]
      const head = await world.head(room)
      for (const id of wrong) expect(await verdictOf(ann, [mine, id])).toBe('no_attachment')
      // A refused draft leaves no gap between its neighbours.
      const result = await append(draftWith(ann, [mine]), draftWith(ann, [mine]), world.draft(room, ann))
      expect(verdictsOf(result)).toEqual(['sent', 'no_attachment', 'sent'])
      expect(await world.head(room)).toBe((head ?? 0) + 2)
      expect(result.details?.[0]?.attachments).toMatchObject([{ id: mine }])
    })

    test('answers a retry with the first result, though its attachments are sent by then', async () => {
      const draft = draftWith(ann, [await stored(ann)])
      const first = await append(draft)
      const again = await append(draft)
      expect([verdictsOf(again), again.seqs]).toEqual([['retry'], first.seqs])
    })

    test('gives an attachment to one of many messages that want it at once, over two nodes', async () => {
      const id = await stored(ann)
      const results = await Promise.all(
        world.lanes.flatMap(([log, lane]) => [log.append(lane, batchOf([draftWith(ann, [id])]))]),
      )
      const verdicts = results.flatMap((result) => verdictsOf(result))
      expect(verdicts.filter((verdict) => verdict === 'sent')).toHaveLength(1)
      expect(verdicts.filter((verdict) => verdict === 'no_attachment')).toHaveLength(verdicts.length - 1)
    })

    test('ends those of a deleted message, of a purged room, and those that were not sent in time', async () => {
      const ida = await world.user()
      const doomed = await world.room([ida])
      const [sent, inRoom, unsent, fresh] = [
        await stored(ida),
        await stored(ida, { room: doomed.id }),
        await stored(ida),
        await added(ida),
      ]
      await world.join(room, ida)
      const [seq] = (await append(draftWith(ida, [sent]))).seqs
      await append(draftWith(ida, [inRoom], doomed))
      const edited = await world.revise(room, ida, await world.read(room, { seq: present(seq) }), 'words')
      expect(await idsOf(bob, [sent])).toEqual([sent])
      await world.revise(room, ida, edited.message, null)
      await world.store.deleteRoom(await world.accessFacts(doomed, ida), ida.id)
      while (await world.store.sweep());
      const ended = async () => (await world.store.endedAttachments(1000)).map(({ id }) => id)
      expect(await ended()).toEqual(expect.arrayContaining([sent, inRoom]))
      expect(await ended()).not.toContain(unsent)
      expect(await world.store.lapseAttachments(HOUR_MS, 1000)).toBe(0)
      while ((await world.store.lapseAttachments(0, 2)) > 0);
      expect(await ended()).toEqual(expect.arrayContaining([sent, inRoom, unsent, fresh]))
      expect(await world.store.storedAttachment(fresh)).toBeFalse()
      expect(await verdictOf(ida, [unsent])).toBe('no_attachment')
      await world.store.forgetAttachments(await ended())
      expect(await ended()).toEqual([])
      expect(await world.store.uploadAllowance(ida.id, LIMITS)).toEqual({ left: 1000, waitMs: 0 })
    })

    test('holds each user to the quota and to the limits of an hour, however many ask at once', async () => {
      const eve = await world.user()
      const tries = Array.from({ length: 8 }, () =>
        world.store.addAttachment(wanted(eve, { size: 300 }), LIMITS),
      )
      const results = await Promise.all(tries)
      expect(results.filter((each) => typeof each === 'number')).toHaveLength(3)
      expect(results.filter((each) => typeof each !== 'number')).toEqual(
        new Array(5).fill({ left: 100, waitMs: 0 }),
      )
      expect(await world.store.uploadAllowance(eve.id, LIMITS)).toEqual({ left: 100, waitMs: 0 })
      const often = { ...LIMITS, filesPerHour: 3 }
      const allowance = await world.store.uploadAllowance(eve.id, often)
      expect(allowance.left).toBe(0)
      expect(allowance.waitMs).toBeWithin(HOUR_MS - 60_000, HOUR_MS + 1)
      const much = await world.store.addAttachment(wanted(eve, { size: 50 }), {
        ...LIMITS,
        bytesPerHour: 920,
      })
      expect(much).toMatchObject({ left: 20 })
      expect(await world.store.uploadAllowance((await world.user()).id, LIMITS)).toEqual({
        left: 1000,
        waitMs: 0,
      })
    })

    test('knows which contents have a row', async () => {
      const key = world.name('key')
      await added(bob, { key })
      expect(await world.other.knownContents([key, 'unknown'])).toEqual(new Set([key]))
    })

    test('makes a secret once, for all nodes', async () => {
      const name = world.name('secret')
      const made = await Promise.all(
        [world.store, world.other, world.store].map((store, i) => store.sharedSecret(name, `secret ${i}`)),
      )
      expect(new Set(made).size).toBe(1)
      expect(await world.other.sharedSecret(name, 'another')).toBe(present(made[0]))
      const now = await world.store.databaseTime()
      expect(Math.abs(now - Date.now())).toBeLessThan(60_000)
    })
  })
}
