/* k6's figures of a talk. Metrics can be made only while k6 loads the scripts, hence at the top of a module. */
import { Counter, Trend } from 'k6/metrics'

export const sent = new Counter('sent')
/** Messages heard by all clients together, added up as each ends. */
export const deliveries = new Counter('deliveries')
/** From a message's being said to its being heard; those that were said in an absence are counted apart. */
export const deliveryMs = new Trend('delivery_ms', true)
export const caughtUp = new Counter('caught_up')

export const lost = new Counter('lost')
export const repeated = new Counter('repeated')
export const foreign = new Counter('foreign')
export const refused = new Counter('refused')
/** Clients that were there from the beginning to the end. */
export const finished = new Counter('finished')

/** From the first byte until the room is live. */
export const connectMs = new Trend('connect_ms', true)
/** The same for who comes back, with all that was missed. */
export const returnMs = new Trend('return_ms', true)
