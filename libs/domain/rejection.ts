/**
 * The reason why a rule refused a command. These codes are stable: clients and tests match on them, and
 * transports map them to a status.
 */
export type RejectionCode =
  | 'already_exists'
  | 'channel_archived'
  | 'forbidden'
  | 'id_conflict'
  | 'last_admin_key'
  | 'message_redacted'
  | 'unknown_bot'
  | 'unknown_channel'
  | 'unknown_key'
  | 'unknown_message';

/**
 * Thrown when the rules refuse a command. This is an expected outcome: nothing was written, and repeating the
 * command changes nothing.
 */
export class Rejection extends Error {
  override readonly name = 'Rejection';

  constructor(
    readonly code: RejectionCode,
    message: string,
  ) {
    super(message);
  }
}
