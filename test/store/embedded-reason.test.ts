import { expect, test } from 'bun:test'
import { reasonOf } from '../../src/store/embedded/reason.ts'

test.each([
  [new Error('one\n  two'), 'one two'],
  ['words', 'words'],
  [{ name: 'ErrnoError', errno: 51 }, 'the disk is full (ENOSPC)'],
  [{ name: 'ErrnoError', errno: 7 }, 'error 7 of the file system'],
  [null, 'null'],
])('%p is reported as %s', (error, reason) => {
  expect(reasonOf(error)).toBe(reason)
})
