/** Settings with raised limits on clients, because here one address and few users stand for many. */
export const unlimited = {
  RATE_REQUESTS_PER_MINUTE: '1000000',
  RATE_REGISTRATIONS_PER_MINUTE: '100000',
  RATE_MESSAGES_PER_SECOND: '1000000',
  RATE_MESSAGES_BURST: '1000000',
  MAX_CONNECTIONS_PER_ADDRESS: '100000',
}
