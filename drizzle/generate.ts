// `bun run generate [--name NAME]`: writes the migrations for what changed in src/store/schema.ts and in functions/.
import { join } from 'node:path'
import {
  BREAKPOINT,
  migrationStatements,
  readFunctionFiles,
  readMigratedFunctions,
} from './function-files.ts'

const ROOT = join(import.meta.dir, '..')

async function drizzleKit(...flags: string[]): Promise<void> {
  const command = [
    process.execPath,
    'x',
    'drizzle-kit',
    'generate',
    '--config',
    'drizzle/config.ts',
    ...flags,
  ]
  const code = await Bun.spawn(command, { cwd: ROOT, stdio: ['inherit', 'inherit', 'inherit'] }).exited
  if (code !== 0) process.exit(code)
}

/** Returns the newest migration's file; read anew, because drizzle-kit has just written the journal. */
async function newestMigration(): Promise<string> {
  const journal: { entries: { tag: string }[] } = await Bun.file(
    join(import.meta.dir, 'meta/_journal.json'),
  ).json()
  return join(import.meta.dir, `${journal.entries.at(-1)?.tag}.sql`)
}

await drizzleKit(...process.argv.slice(2))
const statements = migrationStatements(await readFunctionFiles(), await readMigratedFunctions())
if (statements.length > 0) {
  await drizzleKit('--custom', '--name', 'functions')
  const file = await newestMigration()
  await Bun.write(file, `${statements.join(`\n${BREAKPOINT}\n\n`)}\n`)
  console.log(`${file}: ${statements.length} statements`)
}
