/**
 * The server cannot start as it is set up, or in the surroundings that it finds. The message is one line for whoever runs it:
 * it begins with the variable that it is about, then says what is wrong and what to do.
 */
export class SetupError extends Error {
  override readonly name: string = 'SetupError'
}
