/* The functions of moderation. */
import { declare } from './declare.ts'

/** Bans, unbans, mutes or unmutes a user; `seq` is null if there is nothing to lift. */
export const restrain = declare(
  'parley_restrain',
  {
    room: 'bigint',
    actor: 'bigint',
    actor_role: 'text?',
    user: 'bigint',
    user_role: 'text?',
    user_invited: 'boolean',
    act: 'text',
    reason: 'text',
    until: 'bigint?',
  },
  { seq: 'bigint?', at: 'timestamptz', ended: 'text?', user_number: 'bigint?' },
)

export const setRules = declare(
  'parley_set_rules',
  { room: 'bigint', actor: 'bigint', actor_role: 'text?', posting: 'text?', slow_mode: 'int?' },
  { seq: 'bigint', at: 'timestamptz', posts: 'text', slow: 'int' },
)

/** Blocks a user for another one, or ends that; `seq` is null if nothing changes in their direct chat. */
export const block = declare(
  'parley_block',
  { user: 'bigint', other: 'bigint', on: 'boolean', most: 'int' },
  {
    changed: 'boolean',
    too_many: 'boolean',
    room: 'bigint?',
    seq: 'bigint?',
    at: 'timestamptz',
    posts: 'text?',
  },
)
