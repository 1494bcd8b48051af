/** Returns in one line why something failed. The engine's file system throws objects that are no errors and hold only a number. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error) return fileErrorIn(error) ?? error.message.replaceAll(/\s+/g, ' ').trim()
  if (typeof error !== 'object' || error === null || !('errno' in error)) return String(error)
  return FILE_ERRORS.get(Number(error.errno)) ?? `error ${error.errno} of the file system`
}

/** Returns the reason in the same words if the system has refused to write and its message names no file. */
function fileErrorIn(error: Error): string | undefined {
  if (!('code' in error) || 'path' in error) return undefined
  return [...FILE_ERRORS.values()].find((text) => text.includes(`(${error.code})`))
}

/** By their error numbers in WASI. */
const FILE_ERRORS: ReadonlyMap<number, string> = new Map([
  [2, 'a file may not be opened (EACCES)'],
  [19, "the user's share of the disk is full (EDQUOT)"],
  [22, 'a file may not become so large (EFBIG)'],
  [29, 'the disk fails (EIO)'],
  [33, 'too many open files (EMFILE): raise the limit, ulimit -n'],
  [51, 'the disk is full (ENOSPC)'],
  [63, 'a file may not be changed (EPERM)'],
  [69, 'the disk is read-only (EROFS)'],
])
