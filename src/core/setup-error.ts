/**
 * The server cannot start with its settings, or in its surroundings. The message is one line for the operator:
 * it begins with the variable that it is about, then says what is wrong and what to do.
 */
export class SetupError extends Error {
  override readonly name: string = 'SetupError'
}
