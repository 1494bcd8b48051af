import { notify, type ResolveMentions } from '../mentions/index.ts'
import type { Batch, BatchResult, Draft, MessageLog, Signals } from '../ports.ts'
import { Sending } from './sending.ts'

/**
 * Finds whom the messages of a batch mention before it is written, and notifies them once it is. The batch waits for it in its lane, so
 * the order of sends stays; the members are looked up for all of them at once. A batch that mentions nobody goes straight on.
 */
export function addressed<Log extends Pick<MessageLog, 'append'>>(
  log: Log,
  resolve: ResolveMentions,
  signals: Signals,
): Log {
  async function append(lane: number, batch: Batch): Promise<BatchResult> {
    const sendings = batch.drafts.filter(isAddressed)
    const found = await resolve(
      sendings.map(({ roomId, sender, replyTo, asked }) => ({
        roomId,
        sender,
        replyTo,
        asked,
        before: null,
      })),
    )
    for (const [index, sending] of sendings.entries())
      sending.address(found[index]?.mentions ?? null, found[index]?.reached ?? [])
    const result = await log.append(lane, batch)
    const notices = new Map(sendings.map((sending, index) => [sending, found[index]?.notices ?? []]))
    for (const [index, draft] of batch.drafts.entries()) {
      const seq = result.seqs[index]
      if (!isAddressed(draft) || seq === undefined || (result.verdicts?.[index] ?? 'sent') !== 'sent')
        continue
      const { roomId, sender } = draft
      notify(signals, { roomId, seq, sender }, notices.get(draft) ?? [])
    }
    return result
  }

  return {
    ...log,
    append: (lane, batch) => (batch.drafts.some(isAddressed) ? append(lane, batch) : log.append(lane, batch)),
  }
}

function isAddressed(draft: Draft): draft is AddressedSending {
  return draft instanceof Sending && draft.asked !== null
}

type AddressedSending = Sending<unknown> & { readonly asked: NonNullable<Sending<unknown>['asked']> }
