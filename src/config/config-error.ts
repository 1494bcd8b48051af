/** A wrong setting. The message is one line that names the variable, the value given and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
