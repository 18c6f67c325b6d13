/**
 * Says why the system can't start or continue: one line for the operator, with a remedy, without a stack or
 * secrets.
 */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
}
