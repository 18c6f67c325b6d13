/**
 * Thrown when a command could not do its work. The message is one line for the person at the terminal. Exit
 * code 1.
 */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}
