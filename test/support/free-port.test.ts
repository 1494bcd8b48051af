import { expect, test } from 'bun:test'
import { onFreePort } from './free-port.ts'

test('gives a port that can be listened on', async () => {
  const port = await onFreePort(async (port) => {
    Bun.listen({ hostname: '127.0.0.1', port, socket: { data: () => undefined } }).stop(true)
    return port
  })
  expect(port).toBeLessThan(32_768)
})

test('gives no port twice', async () => {
  const ports = await Promise.all(Array.from({ length: 500 }, () => onFreePort(async (port) => port)))
  expect(new Set(ports).size).toBe(ports.length)
})

test('tries another port when one was taken meanwhile', async () => {
  const tried: number[] = []
  const result = await onFreePort(async (port) => {
    tried.push(port)
    if (tried.length < 3) throw new Error(`bind: Address already in use`)
    return 'started'
  })
  expect(result).toBe('started')
  expect(tried).toHaveLength(3)
})

test('gives up on any other error, and after some attempts', async () => {
  let attempts = 0
  const failWith = (message: string) =>
    onFreePort(async () => {
      attempts++
      throw new Error(message)
    })
  await expect(failWith('no disk')).rejects.toThrow('no disk')
  expect(attempts).toBe(1)
  await expect(failWith('Address already in use')).rejects.toThrow('Address already in use')
  expect(attempts).toBe(6)
})
