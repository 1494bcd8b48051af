import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../../support/programs.ts'

/** What a Java program needs to run: the interpreter, and the folder that its libraries are in. */
export interface Java {
  readonly java: string
  /** Each jar's path. */
  readonly jars: readonly string[]
}

/**
 * Java with libraries of Maven Central, which Maven fetches, and keeps where it always does.
 * @param libraries as `group:artifact:version`
 * @throws Error that says what to install, in one line, where Java or Maven can neither be found nor installed
 */
export async function makeJava(folder: string, libraries: readonly string[]): Promise<Java> {
  const java = await findProgram('java')
  const maven = await findProgram('mvn')
  const project = join(folder, 'libraries')
  await mkdir(project, { recursive: true })
  await writeFile(join(project, 'pom.xml'), projectOf(libraries))
  const command = [maven, '--quiet', '--batch-mode', 'dependency:copy-dependencies', '-DoutputDirectory=jars']
  await succeed(command, project, 'Maven could not fetch the libraries')
  const jars = await Array.fromAsync(new Bun.Glob('jars/*.jar').scan({ cwd: project, absolute: true }))
  return { java, jars }
}

/** Compiles a Kotlin program with a compiler that is among the libraries. Returns the folder of its classes. */
export async function compileKotlin({ java, jars }: Java, folder: string, source: string): Promise<string> {
  const file = join(folder, 'Client.kt')
  const classes = join(folder, 'classes')
  await writeFile(file, source)
  const path = jars.join(':')
  const compiler = ['org.jetbrains.kotlin.cli.jvm.K2JVMCompiler', '-no-stdlib', '-no-reflect', '-nowarn']
  await succeed(
    [java, '-cp', path, ...compiler, '-cp', path, '-d', classes, file],
    folder,
    'it does not compile',
  )
  return classes
}

function projectOf(libraries: readonly string[]): string {
  const dependencies = libraries.map((library) => {
    const [group, artifact, version] = library.split(':')
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>parley.test</groupId><artifactId>client</artifactId><version>1</version>
<dependencies>${dependencies.join('')}</dependencies></project>`
}

async function succeed(command: readonly string[], cwd: string, otherwise: string): Promise<void> {
  const child = Bun.spawn([...command], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const [code, ...output] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  if (code !== 0) throw new Error(`${otherwise}\n${output.join('')}`)
}
