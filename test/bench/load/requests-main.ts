/*
 * A load of REST requests, a process of its own: reads a plan from its standard input and prints the outcome, both JSON.
 * Over plain TCP: `fetch` costs more than the server's own share.
 */
import { Value } from '@sinclair/typebox/value'
import { type RequestsOutcome, RequestsPlan } from './requests-plan.ts'

async function run(plan: RequestsPlan, failed: (error: Error) => void): Promise<RequestsOutcome> {
  const url = new URL(plan.url)
  const request = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    `Authorization: Bearer ${plan.token}`,
    '\r\n',
  ].join('\r\n')
  let answers = 0

  async function connect(): Promise<void> {
    let text = ''
    await Bun.connect({
      hostname: url.hostname,
      port: Number(url.port),
      socket: {
        open: (socket) => void socket.write(request),
        data(socket, chunk) {
          text += chunk.toString('latin1')
          if (!isWhole(text)) return
          if (!text.startsWith('HTTP/1.1 200 ')) failed(new Error(`the server answered ${text}`))
          text = ''
          answers++
          socket.write(request)
        },
        close: () => failed(new Error('the server closed a connection')),
      },
    })
  }

  for (let i = 0; i < plan.connections; i++) await connect()
  await Bun.sleep(plan.warmUpMs)
  const [from, before] = [performance.now(), answers]
  await Bun.sleep(plan.measureMs)
  const [to, after] = [performance.now(), answers]
  const { user, system } = process.cpuUsage()
  return {
    answers: after - before,
    seconds: (to - from) / 1000,
    allAnswers: after,
    cpuSeconds: (user + system) / 1e6,
  }
}

/** Whether an answer has all of the body that it says it has. */
function isWhole(text: string): boolean {
  const body = text.indexOf('\r\n\r\n') + 4
  const length = /^content-length: (\d+)\r$/im.exec(text)?.[1]
  return body >= 4 && text.length - body >= Number(length ?? Number.NaN)
}

const failure = Promise.withResolvers<never>()
const plan = Value.Parse(RequestsPlan, await Bun.stdin.json())
const outcome = await Promise.race([run(plan, failure.reject), failure.promise])
process.stdout.write(JSON.stringify(outcome))
process.exit(0)
