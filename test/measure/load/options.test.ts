import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { parseOptions } from './options.ts'

const nothing = { scenarios: [], contracts: null, seconds: null, users: null, nodes: null, url: null }

test('without arguments the scenarios’ defaults apply', () => {
  expect(parseOptions([])).toEqual(nothing)
})

test('scenarios and numbers can be chosen', () => {
  const args = ['rooms', '--contract', 'v1', '--minutes', '1.5', 'soak', '--contract=v2', '--users', '40']
  expect(parseOptions(args)).toEqual({
    ...nothing,
    scenarios: ['rooms', 'soak'],
    contracts: ['v1', 'v2'],
    seconds: 90,
    users: 40,
  })
  expect(parseOptions(['--nodes', '1']).nodes).toBe(1)
})

test.each([
  ['http://127.0.0.1:8000', 'http://127.0.0.1:8000'],
  ['http://localhost:8000/', 'http://localhost:8000'],
  ['http://[::1]:8000/chat', 'http://[::1]:8000'],
  ['https://localhost', 'https://localhost'],
])('--url %s is a server on this machine', (url, origin) => {
  expect(parseOptions(['--url', url]).url).toBe(origin)
})

test.each([
  [['--minutes', '0'], '--minutes must be from 0.1 to 120, but is 0'],
  [['--minutes', 'ten'], '--minutes must be from 0.1 to 120, but is ten'],
  [['--users', '2001'], '--users must be from 2 to 2000, but is 2001'],
  [['--users', '2.5'], '--users must be whole, but is 2.5'],
  [['--contract', 'v3'], 'there is no contract v3; there are chat-service, live-chat'],
  [['--url', 'localhost:8000'], '--url must be like http://127.0.0.1:8000, but is localhost:8000'],
  [['--url', 'http://chat.example.com'], '--url must be on this machine, but is http://chat.example.com'],
  [['--url', 'http://127.0.0.1.example.com'], '--url must be on this machine'],
  [['--url', 'http://localhost:8000', '--nodes', '2'], '--nodes is for servers of its own'],
  [['--rounds', '2'], "Unknown option '--rounds'"],
])('%j is refused', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message)
})

test('an unknown scenario ends the program with a list of the known ones', async () => {
  const command = [process.execPath, '--no-env-file', join(import.meta.dir, 'main.ts'), 'room']
  const child = Bun.spawn(command, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [code, errors] = await Promise.all([child.exited, child.stderr.text()])
  expect(code).toBe(1)
  expect(errors).toStartWith('there is no scenario room; there are\n  rooms ')
})
