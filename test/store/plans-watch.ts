import postgres, { type Sql } from 'postgres'

/** A statement that ran, also one within a function, and what it did to come by its rows. */
export interface Executed {
  readonly text: string
  readonly steps: readonly Step[]
}

export interface Step {
  readonly kind: string
  readonly table: string | null
  /** Rows that it gave or threw away, all its repetitions together. */
  readonly rows: number
}

export interface Watch {
  readonly sql: Sql
  /** What has run since this was last asked. */
  executed(): Executed[]
  close(): Promise<void>
}

/** A client of one connection, whose every statement Postgres explains as it ran (auto_explain), and tells as a notice. */
export function watchPlans(url: string): Watch {
  let executed: Executed[] = []
  const sql = postgres(url, {
    max: 1,
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
    connection: {
      session_preload_libraries: 'auto_explain',
      'auto_explain.log_min_duration': '0',
      'auto_explain.log_analyze': 'on',
      'auto_explain.log_timing': 'off',
      'auto_explain.log_nested_statements': 'on',
      'auto_explain.log_format': 'json',
      'auto_explain.log_level': 'notice',
    },
    onnotice({ message = '' }) {
      const start = message.indexOf('{')
      if (/^duration: .* plan:/.test(message)) executed.push(executedOf(JSON.parse(message.slice(start))))
    },
  })
  return {
    sql,
    executed() {
      const all = executed
      executed = []
      return all
    },
    close: () => sql.end(),
  }
}

function executedOf(explained: Explained): Executed {
  return { text: explained['Query Text'], steps: stepsOf(explained.Plan) }
}

function stepsOf(plan: Plan): Step[] {
  const { 'Actual Rows': given, 'Actual Loops': loops, Plans: parts = [] } = plan
  const lost = (plan['Rows Removed by Filter'] ?? 0) + (plan['Rows Removed by Index Recheck'] ?? 0)
  const step = {
    kind: plan['Node Type'],
    table: plan['Relation Name'] ?? null,
    rows: (given + lost) * loops,
  }
  return [step, ...parts.flatMap(stepsOf)]
}

interface Explained {
  readonly 'Query Text': string
  readonly Plan: Plan
}

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly Plans?: readonly Plan[]
}
