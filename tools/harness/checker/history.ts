/** The place of a message: its channel and its number there. */
export type Place = Readonly<{ channel: string; seq: number }>;

/** One thing that happened to a bot, from the bot's own view. A history lists steps in the order the bot saw them. */
export type Step =
  /** The event `ready`: delivery starts after these seqs. */
  | Readonly<{
      type: 'connected';
      cursors: Readonly<Record<string, number>>;
      /** When the bot asked for this connection, in ms since 1970. Needed where messages may be gone. */
      askedAt?: number;
    }>
  | (Place & Readonly<{ type: 'received'; id: string; from: string; body: string }>)
  | (Place & Readonly<{ type: 'caughtup' }>)
  /** The server said that the seqs `from` to `to`, inclusive, are gone. `at` is when the bot heard it, in ms since 1970. */
  | Readonly<{ type: 'truncated'; channel: string; from: number; to: number; at: number }>
  /** The bot told the server that it has everything up to here; the server may or may not have received it. */
  | (Place & Readonly<{ type: 'acknowledging' }>)
  /** The server confirmed that it stored the acknowledgement. */
  | (Place & Readonly<{ type: 'acknowledged' }>)
  /** A message was sent, for the first time or again. */
  | Readonly<{
      type: 'posting';
      /** The number of this sending, unique for the bot. */
      sending: number;
      id: string;
      channel: string;
      body: string;
      /** Sent outside the bot's connection, at the same time as on it; either may overtake the other. */
      aside?: boolean;
    }>
  /** The answer to a sending that was made at `sentAt`. Both times are in ms, of one clock. */
  | (Place &
      Readonly<{
        type: 'answered';
        sending: number;
        id: string;
        at: number;
        duplicate: boolean;
        sentAt: number;
      }>)
  /** The answer to a sending was a retryable error. */
  | Readonly<{ type: 'put-off'; sending: number; id: string; code: string }>
  /** Something that must never happen to these bots: a final refusal, a skipped backlog, a rejected connection. */
  | Readonly<{ type: 'offended'; by: string }>;

/** How a bot resumes: by saying what it saw, or by relying on what it acknowledged. */
export type Resumes = 'map' | 'stored';

export type BotHistory = Readonly<{
  bot: string;
  resumes: Resumes;
  /** The seq after which the bot became a member, by channel. */
  memberSince: Readonly<Record<string, number>>;
  steps: readonly Step[];
}>;

/** One message in the log. */
export type Logged = Place & Readonly<{ bot: string; id: string; body: string; at: number }>;

/** A broken promise: which rule, to which bot, and the evidence. */
export type Violation = Readonly<{ rule: Rule; bot: string; detail: string }>;

export type Rule =
  | 'acknowledged but not in the log'
  | 'in the log more than once'
  | 'in the log but never sent'
  | 'the log has a hole'
  | 'changed in the log'
  | 'gone from the log though nothing had hidden it'
  | 'answered with another place'
  | 'answered as new though it was there'
  | 'never answered'
  | 'send order broken'
  | 'offended'
  | 'cursor not where it was left'
  | 'gap'
  | 'said to be gone though it was there'
  | 'repeat'
  | 'out of order'
  | 'received something else than what is in the log'
  | 'caught up at the wrong place'
  | 'not caught up at the end';
