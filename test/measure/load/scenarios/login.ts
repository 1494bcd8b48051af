import type { ServerUrls } from '../../../api/across/support/people.ts'
import { ask } from '../../../api/support/rest.ts'
import { contractNames } from '../contracts/index.ts'
import type { Account, LoginPlan } from '../plan.ts'
import type { Scenario } from './scenario.ts'
import { makeCrowd, makeRoomOf } from './seating.ts'

/** Passwords that are hashed at the same time while the accounts are created. */
const AT_ONCE = 4

export const login: Scenario = {
  name: 'login',
  title: 'everybody signs in at once: all get in, wrong passwords do not, and others go on to chat',
  nodes: 1,
  usual: { seconds: 30, users: 100 },
  contracts: contractNames,
  script: 'login',
  async *runs({ seconds, users }, servers) {
    const accounts: Account[] = []
    while (accounts.length < users) {
      const names = Array.from({ length: Math.min(AT_ONCE, users - accounts.length) }, () =>
        crypto.randomUUID(),
      )
      accounts.push(...(await Promise.all(names.map((name) => register(servers[0], `load-${name}`)))))
    }
    const people = await makeCrowd(servers[0], 2)
    const [first] = people
    if (first === undefined) throw new Error('two were asked for')
    const { id, name } = await makeRoomOf(servers[0], 'public', people)
    const plan: LoginPlan = {
      items: accounts,
      rules: {
        bystander: {
          contract: 'v1',
          url: servers[0].url,
          room: { id, name },
          user: { id: first.id, token: first.token },
        },
        seconds,
        thresholds: {
          checks: ['rate==1'],
          signed_in: [`count==${users}`],
          sign_in_ms: ['p(95)<60000'],
          bystander_ms: ['p(95)<1000'],
        },
      },
    }
    yield { name: 'login', what: `${users} accounts`, plan }
  },
}

async function register(server: ServerUrls, username: string): Promise<Account> {
  const password = crypto.randomUUID()
  const answer = await ask('POST', `${server.url}/api/auth/register`, { json: { username, password } })
  if (answer.status !== 201) throw new Error(`registering answered ${answer.status} ${answer.text}`)
  return { url: server.url, username, password }
}
