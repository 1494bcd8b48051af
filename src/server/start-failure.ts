/**
 * Why the server did not start, for whoever runs it: one line for what they can mend, naming the variable where it is
 * known; a stack only for what nobody foresaw.
 */
export function failureLine(error: unknown, env: Readonly<Record<string, string | undefined>>): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null
  // Errors of our own have names; those of the system and of the database have codes.
  if (code === null) return error.name === 'Error' ? (error.stack ?? error.message) : error.message
  if (code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL' || code === 'EACCES') {
    const { HOST, PORT, TLS_PORT } = env
    const given = { HOST, PORT, TLS_PORT }
    const named = Object.entries(given).flatMap(([name, value]) => (value ? [`${name}=${value}`] : []))
    return `cannot listen (${named.join(', ') || 'see HOST, PORT and TLS_PORT'}): ${code}`
  }
  return `cannot open the database (DATABASE_URL): ${oneLine(error.message)}`
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
