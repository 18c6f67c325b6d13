/** Why the system can't start, or go on: one line for the operator, with what to do about it. No stack, no secrets. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
}
