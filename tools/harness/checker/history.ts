/** A place a message was said to have: its number in its channel. */
export type Place = Readonly<{ channel: string; seq: number }>;

/** What happened to one bot, as it saw it, in the order in which it saw it. */
export type Step =
  /** `ready`: delivery starts after these seqs. */
  | Readonly<{
      type: 'connected';
      cursors: Readonly<Record<string, number>>;
      /** When the bot asked for this connection, in ms since 1970; wanted where messages may be gone. */
      askedAt?: number;
    }>
  | (Place & Readonly<{ type: 'received'; id: string; from: string; body: string }>)
  | (Place & Readonly<{ type: 'caughtup' }>)
  /** The server said that these seqs are gone, both included; heard at `at`, in ms since 1970. */
  | Readonly<{ type: 'truncated'; channel: string; from: number; to: number; at: number }>
  /** The server was told that the bot has everything up to here; it may have heard it or not. */
  | (Place & Readonly<{ type: 'acknowledging' }>)
  /** The server said that it will never forget this. */
  | (Place & Readonly<{ type: 'acknowledged' }>)
  /** A message was sent, for the first time or again. */
  | Readonly<{
      type: 'posting';
      /** Numbers the sendings of a bot. */
      sending: number;
      id: string;
      channel: string;
      body: string;
      /** By another way than the bot's connection, at the same time: the one may overtake the other. */
      aside?: boolean;
    }>
  /** The answer to a sending, which was made at `sentAt`; both times in ms, of one clock. */
  | (Place &
      Readonly<{
        type: 'answered';
        sending: number;
        id: string;
        at: number;
        duplicate: boolean;
        sentAt: number;
      }>)
  /** The answer to a sending was an error that invites another attempt. */
  | Readonly<{ type: 'put-off'; sending: number; id: string; code: string }>
  /** What must never happen to these bots: a refusal for good, a skipped backlog, a closed door. */
  | Readonly<{ type: 'offended'; by: string }>;

/** How a bot comes back: by saying what it saw, or by relying on what it acknowledged. */
export type Resumes = 'map' | 'stored';

export type BotHistory = Readonly<{
  bot: string;
  resumes: Resumes;
  /** The seq after which the bot became a member, by channel. */
  memberSince: Readonly<Record<string, number>>;
  steps: readonly Step[];
}>;

/** One message as it lies in the log. */
export type Logged = Place & Readonly<{ bot: string; id: string; body: string; at: number }>;

/** A promise that was broken, to whom, and how it shows. */
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
