import type { Json } from '#libs/domain/json.js';
import type { ToldAuditLog } from '#libs/protocol/audit-log.js';
import type { ToldLimits } from '#libs/protocol/limits.js';
import type { Message } from '#libs/protocol/message.js';

type Span = Readonly<{ channel: string; from: number; to: number; reason: string }>;

/** Tells that a bot came or went. `at` is when the log recorded it (ISO 8601, UTC). */
export type PresenceSaid = Readonly<{
  channel: string;
  bot: string;
  state: 'online' | 'offline';
  /** Why the bot went. */
  reason?: string;
  at: string;
}>;

/** A signal of a bot to the other members, which is not stored. */
export type Signalled = Readonly<{ channel: string; bot: string; type: string; data?: Json }>;

/** Every event that the server sends to a bot unasked, as in version 1 of the protocol. */
export type ToBot = {
  ready: (hello: {
    bot: string;
    connection: string;
    version: 'v1';
    channels: { channel: string; cursor: number; head: number }[];
    limits: ToldLimits;
    auditLog?: ToldAuditLog;
  }) => void;
  backlog: (
    batch: { channel: string; messages: readonly Message[]; more: boolean; missed: number },
    acknowledge: () => void,
  ) => void;
  caughtup: (reached: { channel: string; seq: number }) => void;
  message: (message: Message) => void;
  presence: (said: PresenceSaid) => void;
  signal: (signal: Signalled) => void;
  truncated: (hole: Span) => void;
  skipped: (hole: Span) => void;
  /** `channel` is set if the notice is about a channel. */
  notice: (notice: { code: NoticeCode; message: string; channel?: string }) => void;
};

export type NoticeCode =
  | 'store_unavailable'
  | 'store_restored'
  | 'slow_consumer'
  | 'rate_limited'
  | 'superseded'
  | 'connected_again'
  | 'internal_error'
  | 'protocol_error'
  | 'access_withdrawn'
  | 'server_stopping'
  | 'channel_damaged'
  | 'channel_restored';
