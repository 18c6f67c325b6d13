/** The status of every error code, and whether trying again later can help. */
export const ERROR_CODES = {
  empty_message: { status: 400, retryable: false },
  invalid_name: { status: 400, retryable: false },
  invalid_payload: { status: 400, retryable: false },
  malformed_json: { status: 400, retryable: false },
  unknown_position: { status: 400, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  unknown_bot: { status: 404, retryable: false },
  unknown_channel: { status: 404, retryable: false },
  unknown_key: { status: 404, retryable: false },
  unknown_message: { status: 404, retryable: false },
  unknown_event: { status: 404, retryable: false },
  already_exists: { status: 409, retryable: false },
  channel_archived: { status: 409, retryable: false },
  not_damaged: { status: 409, retryable: false },
  key_not_lost: { status: 409, retryable: false },
  last_admin_key: { status: 409, retryable: false },
  id_conflict: { status: 409, retryable: false },
  message_redacted: { status: 409, retryable: false },
  superseded: { status: 409, retryable: false },
  not_caught_up: { status: 409, retryable: true },
  message_too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  rate_limited: { status: 429, retryable: true },
  internal_error: { status: 500, retryable: true },
  store_unavailable: { status: 503, retryable: true },
  read_model_unavailable: { status: 503, retryable: true },
  audit_log_unavailable: { status: 503, retryable: true },
  proof_not_ready: { status: 503, retryable: true },
  event_index_unavailable: { status: 503, retryable: true },
  channel_damaged: { status: 503, retryable: true },
  server_stopping: { status: 503, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The `error` of a refused request. It is the same over Socket.IO and inside an HTTP problem document. */
export type WireError = Readonly<{
  code: ErrorCode;
  status: number;
  message: string;
  retryable: boolean;
  retryAfterMs?: number;
}>;

/** Thrown to answer a request with an error. The client sees the message. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly retryAfterMs?: number,
    /** Set when the same request may succeed later although its code usually means that it cannot. */
    readonly retryable: boolean = ERROR_CODES[code].retryable,
  ) {
    super(message);
  }

  toWire(): WireError {
    return {
      code: this.code,
      status: ERROR_CODES[this.code].status,
      message: this.message,
      retryable: this.retryable,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
    };
  }
}
