// Reads TypeScript sources with the compiler's own parser, which sees `import type` and types, and no strings or comments.
import { join, posix } from 'node:path'
import {
  isCallExpression,
  isExportDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportTypeNode,
  isMethodDeclaration,
  isMethodSignatureDeclaration,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isPropertyDeclaration,
  isPropertySignatureDeclaration,
  isStringLiteralLikeNode,
  type Node,
  SyntaxKind,
  type SourceFile as Tree,
} from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/async'
import { createVirtualFileSystem } from 'typescript/unstable/fs'

export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
  /** Names used as values or types that are not a member's name: variables, globals, types. */
  readonly identifiers: ReadonlySet<string>
  /** The lines, from 1, with the type `any`. */
  readonly anyLines: readonly number[]
}

export interface Import {
  /** As written; `(computed)` where it is not a literal. */
  readonly specifier: string
  readonly typeOnly: boolean
}

/** Reads the files below `root` that match one of the glob patterns. */
export async function readSources(root: string, ...patterns: string[]): Promise<SourceFile[]> {
  const lists = await Promise.all(
    patterns.map((pattern) => Array.fromAsync(new Bun.Glob(pattern).scan(root))),
  )
  const paths = lists.flat().sort()
  const texts = await Promise.all(paths.map((path) => Bun.file(posix.join(root, path)).text()))
  return await parseSources(Object.fromEntries(paths.map((path, i) => [path, texts[i] ?? ''])))
}

/** All files of src/ and test/, by their paths from the root; they are read once. */
export function readTree(): Promise<SourceFile[]> {
  tree ??= readSources(join(import.meta.dir, '../..'), '{src,test}/**/*.{ts,tsx}')
  return tree
}

// Held by the module, since several files check the same tree and parsing it takes seconds.
let tree: Promise<SourceFile[]> | undefined

/** @param texts the files' texts by their paths */
export async function parseSources(texts: Record<string, string>): Promise<SourceFile[]> {
  const paths = Object.keys(texts)
  const config = {
    compilerOptions: { noLib: true, noResolve: true, types: [], jsx: 'preserve' },
    files: paths,
  }
  const files = Object.entries(texts).map(([path, text]) => [posix.join(ROOT, path), text])
  const fs = createVirtualFileSystem({ ...Object.fromEntries(files), [CONFIG]: JSON.stringify(config) })
  const api = new API({ cwd: ROOT, fs })
  try {
    const program = (await api.updateSnapshot({ openProjects: [CONFIG] })).getProject(CONFIG)?.program
    return await Promise.all(
      paths.map(async (path) => {
        const tree = await program?.getSourceFile(posix.join(ROOT, path))
        if (!tree) throw new Error(`the compiler did not read ${path}`)
        return describe(path, tree)
      }),
    )
  } finally {
    await api.close()
  }
}

const ROOT = '/sources'
const CONFIG = `${ROOT}/tsconfig.json`

function describe(path: string, tree: Tree): SourceFile {
  const nodes = [...descendants(tree)]
  return {
    path,
    text: tree.text,
    imports: [...tree.imports.map(toImport), ...nodes.filter(isComputedImport).map(() => COMPUTED)],
    identifiers: new Set(
      nodes
        .filter(isIdentifier)
        .filter(isFreeName)
        .map(({ text }) => text),
    ),
    anyLines: nodes.filter(({ kind }) => kind === SyntaxKind.AnyKeyword).map((node) => lineOf(tree, node)),
  }
}

const COMPUTED: Import = { specifier: '(computed)', typeOnly: false }

function* descendants(node: Node): Generator<Node> {
  yield node
  const children: Node[] = []
  node.forEachChild((child) => {
    children.push(child)
  })
  for (const child of children) yield* descendants(child)
}

/** @param literal the module's name in any kind of import or re-export */
function toImport(literal: Node): Import {
  const { parent } = literal
  const typeOnly =
    (isImportDeclaration(parent) && parent.importClause?.phaseModifier === SyntaxKind.TypeKeyword) ||
    (isExportDeclaration(parent) && parent.isTypeOnly) ||
    isImportTypeNode(parent.parent)
  return { specifier: isStringLiteralLikeNode(literal) ? literal.text : '(computed)', typeOnly }
}

function isComputedImport(node: Node): boolean {
  if (!isCallExpression(node) || node.expression.kind !== SyntaxKind.ImportKeyword) return false
  const [specifier] = node.arguments
  return specifier === undefined || !isStringLiteralLikeNode(specifier)
}

/** Whether a name stands for something in scope, rather than for a member of something else. */
function isFreeName(node: Node): boolean {
  const { parent } = node
  if (isPropertyAccessExpression(parent) && parent.name === node) {
    return isIdentifier(parent.expression) && parent.expression.text === 'globalThis'
  }
  const isMember =
    isPropertyAssignment(parent) ||
    isPropertyDeclaration(parent) ||
    isPropertySignatureDeclaration(parent) ||
    isMethodDeclaration(parent) ||
    isMethodSignatureDeclaration(parent)
  return !(isMember && parent.name === node)
}

function lineOf(tree: Tree, node: Node): number {
  return tree.getLineAndCharacterOfPosition(node.end).line + 1
}
