import type { BotItem } from '../bots/bots.query.js';
import type { ChannelItem } from '../channels/channels.query.js';
import type { ProjectionItem } from '../projections/list-projections.query.js';
import type { Rates } from './message-rates.js';

/** The lists whose items are pushed. */
export const LIVE_LISTS = ['channels', 'bots'] as const;
export type LiveList = (typeof LIVE_LISTS)[number];

/** The changes since the last push. */
export type Changes = Readonly<{
  /** The position in the log up to which the push looked for changes. */
  position: string;
  /** Changed items as their lists show them, at most a hundred each. The others follow in the next push. */
  channels: readonly ChannelItem[];
  bots: readonly BotItem[];
  /** All projections, in every push. */
  projections: readonly ProjectionItem[];
  /** Absent until there is an earlier state to compare with. */
  rates?: Rates;
  /**
   * Lists in which more has changed than this push holds. The console must read them again, with
   * `minPosition` = `position`.
   */
  reload?: readonly LiveList[];
}>;

export type LiveNotice = 'read_model_unavailable' | 'read_model_restored' | 'access_withdrawn';

/** The events from the server to a console, namespace `/admin`. */
export type LiveEvents = {
  ready: (hello: { connection: string; version: 'v1'; everyMs: number }) => void;
  changes: (changes: Changes, acknowledge: () => void) => void;
  notice: (notice: { code: LiveNotice; message: string }) => void;
};
