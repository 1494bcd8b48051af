/* The functions of pins. */
import { declare } from './declare.ts'

/** Pins a message or unpins it. See `drizzle/functions/parley_pin.sql` for the codes. */
export const pin = declare(
  'parley_pin',
  { room: 'bigint', actor: 'bigint', actor_role: 'text?', seq: 'bigint', on: 'boolean', most: 'int' },
  { code: 'int', changed: 'boolean', head: 'bigint', at: 'timestamptz' },
)
