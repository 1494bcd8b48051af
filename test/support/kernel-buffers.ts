import { readFileSync } from 'node:fs'

/**
 * The most bytes that the kernel keeps of one TCP connection for a client that does not read, on both sides together. It enlarges
 * the buffers of a connection while that is read quickly, up to the limits that Linux is set to: from 10 MB to 40 MB.
 */
export function mostInKernel(): number {
  return mostOf('tcp_wmem') + mostOf('tcp_rmem')
}

/** @param setting its three numbers are the least, the first and the most bytes of a buffer */
function mostOf(setting: string): number {
  const most = Number(readFileSync(`/proc/sys/net/ipv4/${setting}`, 'utf8').trim().split(/\s+/)[2])
  if (!Number.isSafeInteger(most)) throw new Error(`${setting} has no upper limit`)
  return most
}
