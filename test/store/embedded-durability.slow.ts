import { test } from 'bun:test'
import { inSandbox } from '../support/sandbox/sandbox.ts'
import { survivesKills } from './embedded-kills.ts'

test('what was acknowledged survives SIGKILL at any moment, exactly once', () =>
  inSandbox((sandbox) => survivesKills(sandbox, 10)))
