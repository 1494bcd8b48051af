import { SetupError } from '../../../core/index.ts'

export interface ListenPlace {
  /** The variable that the port is from. */
  readonly variable: 'PORT' | 'TLS_PORT'
  readonly host: string
  readonly port: number
}

/** Why a port cannot be listened on, with the variable to change; anything that the system has no code for stays as it is. */
export function listenFailure(error: unknown, { variable, host, port }: ListenPlace): unknown {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return error
  const { code } = error
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`
  switch (code) {
    case 'EADDRINUSE':
      // The system chooses a free port for 0. It is a left-over code, of a name that leads nowhere.
      if (port === 0) break
      return problem(
        `${variable}: ${place} is in use (${code}): stop the other program, or set another ${variable}`,
      )
    case 'EACCES':
      return problem(
        `${variable}: this user may not listen on ${place} (${code}): set a ${variable} above 1023`,
      )
    case 'EADDRNOTAVAIL':
      return problem(`HOST: ${host} is no address of this machine (${code})`)
  }
  // Bun says EINVAL for a name that leads nowhere, and now and then what the system said last.
  if (/^E[A-Z]+$/.test(code))
    return problem(`HOST: cannot listen on ${place} (${code}): is ${host} of this machine?`)
  const message = error.message.replaceAll(/\s+/g, ' ').trim()
  return problem(`TLS_CERT_FILE, TLS_KEY_FILE: cannot be used for ${place}: ${message}`)

  function problem(text: string): SetupError {
    return new SetupError(text, { cause: error })
  }
}
