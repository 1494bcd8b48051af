import { unlimited } from '../../faults/support/cluster.ts'

/** How a server is set, and the most bytes of a body or a frame that it takes then. */
export interface Limits {
  readonly env: Readonly<Record<string, string>>
  readonly mostBytes: number
}

export const usual: Limits = { env: {}, mostBytes: 65_536 }

/** As far as they can be raised, but for what a processor or the memory is to be used for. */
export const raised: Limits = {
  env: { ...unlimited, MAX_BODY_BYTES: '1048576', MAX_MESSAGE_LENGTH: '16000' },
  mostBytes: 1_048_576,
}
