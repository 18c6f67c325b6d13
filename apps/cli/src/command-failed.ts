/** A command could not do what it was asked: one line for the person at the terminal. Exit code 1. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}
