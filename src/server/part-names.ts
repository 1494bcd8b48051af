import { ChatError, type MessageDetails } from '../core/index.ts'

/** What a contract calls the parts of a message, and those of the details that it lets clients give. */
export interface PartNames extends Partial<Readonly<Record<keyof MessageDetails, string>>> {
  readonly body: string
  readonly kind: string
  /** The idempotency key, if the contract has one. */
  readonly key?: string
  /** The number of the message that is replied to, if the contract has replies. */
  readonly replyTo?: string
  /** Whether a reply is shown in its room, if clients may say so. */
  readonly inRoom?: string
  /** The member to whom alone the message is sent, if the contract has such messages. */
  readonly to?: string
}

/** Returns what is wrong with a part of a message under the part's name in the contract, and any other error as it is. */
export function withPartNamed(error: unknown, names: PartNames): unknown {
  if (!(error instanceof ChatError) || error.kind !== 'invalid') return error
  const { field: part } = error
  const field = (isPart(part, names) ? names[part] : undefined) ?? names.body
  return new ChatError('invalid', `${field} ${error.message}`, { field })
}

function isPart(part: string | null, names: PartNames): part is keyof PartNames {
  return part !== null && Object.hasOwn(names, part)
}
