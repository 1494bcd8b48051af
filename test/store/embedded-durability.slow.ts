import { test } from 'bun:test'
import { inSandbox } from '../support/sandbox/sandbox.ts'
import { survivesKills } from './embedded-kills.ts'

test('acknowledged messages survive SIGKILL at any moment, exactly once', () =>
  inSandbox((sandbox) => survivesKills(sandbox, 10)))
