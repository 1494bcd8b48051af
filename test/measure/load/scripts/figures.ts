/* k6's figures of a talk. Metrics can be made only while k6 loads the scripts, hence at the top of a module. */
import { Counter, Trend } from 'k6/metrics'

export const sent = new Counter('sent')
/** Messages received by all clients together. Each client adds its count when it ends. */
export const deliveries = new Counter('deliveries')
/** From sending a message to receiving it. Messages sent during an absence are counted separately. */
export const deliveryMs = new Trend('delivery_ms', true)
export const caughtUp = new Counter('caught_up')

export const lost = new Counter('lost')
export const repeated = new Counter('repeated')
export const foreign = new Counter('foreign')
export const refused = new Counter('refused')
/** Clients that ran from beginning to end. */
export const finished = new Counter('finished')

/** From the first byte until the room is live. */
export const connectMs = new Trend('connect_ms', true)
/** The same for clients that come back, including what they missed. */
export const returnMs = new Trend('return_ms', true)
