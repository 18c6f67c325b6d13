/** Why a rule refused a command. Stable: clients and tests match on it; transports map it to a status. */
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

/** A command the rules refuse. Expected: nothing was written and repeating the command changes nothing. */
export class Rejection extends Error {
  override readonly name = 'Rejection';

  constructor(
    readonly code: RejectionCode,
    message: string,
  ) {
    super(message);
  }
}
