import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import { until } from './until.ts'

let echo: Echo
let proxy: TcpProxy
let lines: Line[] = []

beforeEach(async () => {
  echo = await startEcho()
  proxy = await startTcpProxy(echo)
})
afterEach(async () => {
  for (const { socket } of lines) socket.destroy()
  lines = []
  await proxy.close()
  echo.close()
})

describe('a TCP proxy', () => {
  test('passes bytes both ways, and ends both ends of a connection that it cuts', async () => {
    const line = open()
    line.socket.write('hello')
    await until(() => line.heard === 'hello', 'the echo')
    expect([proxy.accepted, proxy.open]).toEqual([1, 1])
    proxy.cut()
    await until(() => line.closed && echo.open === 0, 'the end of both')
    const next = open()
    next.socket.write('again')
    await until(() => next.heard === 'again', 'the echo')
  })

  test('refuses, closes or ignores new connections, and does not affect open ones', async () => {
    const line = open()
    line.socket.write('a')
    await until(() => line.heard === 'a', 'the echo')

    await proxy.welcome('refuse')
    const refused = open()
    await until(() => refused.error === 'ECONNREFUSED', 'a refusal')
    await proxy.welcome('close')
    const closed = open()
    await until(() => closed.closed && closed.error === null, 'an end without an error')
    await proxy.welcome('mute')
    const muted = open()
    muted.socket.write('b')
    await until(() => proxy.accepted === 3, 'an accepted connection')

    line.socket.write('c')
    await until(() => line.heard === 'ac', 'the echo')
    expect([muted.heard, muted.closed, echo.heard]).toEqual(['', false, 'ac'])
    await proxy.welcome('pass')
    const next = open()
    next.socket.write('d')
    await until(() => next.heard === 'd', 'the echo')
  })

  test('drops requests, or only responses, or holds them until it thaws', async () => {
    const line = open()
    line.socket.write('a')
    await until(() => line.heard === 'a', 'the echo')
    proxy.silence('freeze')
    line.socket.write('b')
    expect(echo.heard).toBe('a')
    proxy.thaw()
    await until(() => line.heard === 'ab', 'what had waited')
    proxy.silence('answers')
    line.socket.write('c')
    await until(() => echo.heard === 'abc', 'the server to hear')
    proxy.silence('swallow')
    line.socket.write('d')
    const other = open()
    other.socket.write('e')
    await until(() => other.heard === 'e', 'the echo of a new connection')
    expect([echo.heard, line.heard, line.closed]).toEqual(['abce', 'ab', false])
  })

  test('sends new connections to another server, and closes them if there is none', async () => {
    const other = await startEcho()
    proxy.redirect(other.port)
    const line = open()
    line.socket.write('a')
    await until(() => line.heard === 'a', 'the echo')
    expect([echo.heard, other.heard]).toEqual(['', 'a'])
    other.close()
    await until(() => line.closed, 'the end of the connection')
    const next = open()
    await until(() => next.closed, 'the end of a new one')
  })
})

interface Line {
  readonly socket: Socket
  heard: string
  error: string | null
  closed: boolean
}

function open(): Line {
  const line: Line = { socket: connect(proxy.port, '127.0.0.1'), heard: '', error: null, closed: false }
  line.socket.on('data', (chunk) => {
    line.heard += chunk
  })
  line.socket.on('error', (error) => {
    line.error = 'code' in error ? String(error.code) : error.message
  })
  line.socket.on('close', () => {
    line.closed = true
  })
  lines.push(line)
  return line
}

interface Echo {
  readonly port: number
  readonly open: number
  readonly heard: string
  close(): void
}

async function startEcho(): Promise<Echo> {
  const sockets = new Set<Socket>()
  let heard = ''
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (chunk) => {
      heard += chunk
      socket.write(chunk)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  return {
    port: address.port,
    get open() {
      return sockets.size
    },
    get heard() {
      return heard
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
