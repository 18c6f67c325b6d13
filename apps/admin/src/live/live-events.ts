import type { BotItem } from '../bots/bots.query.js';
import type { ChannelItem } from '../channels/channels.query.js';
import type { ProjectionItem } from '../projections/list-projections.query.js';
import type { Rates } from './message-rates.js';

/** The lists whose items are pushed. */
export const LIVE_LISTS = ['channels', 'bots'] as const;
export type LiveList = (typeof LIVE_LISTS)[number];

/** What is new since the push before. */
export type Changes = Readonly<{
  /** Up to here in the log changes were looked for. */
  position: string;
  /** As their lists show them, at most a hundred each; the others follow with the next push. */
  channels: readonly ChannelItem[];
  bots: readonly BotItem[];
  /** All of them, each time. */
  projections: readonly ProjectionItem[];
  /** Absent until there is something to compare with. */
  rates?: Rates;
  /** More has changed in these lists than is told: they are to be read again, with `minPosition` = `position`. */
  reload?: readonly LiveList[];
}>;

export type LiveNotice = 'read_model_unavailable' | 'read_model_restored' | 'access_withdrawn';

/** Server to console, namespace `/admin`. */
export type LiveEvents = {
  ready: (hello: { connection: string; version: 'v1'; everyMs: number }) => void;
  changes: (changes: Changes, acknowledge: () => void) => void;
  notice: (notice: { code: LiveNotice; message: string }) => void;
};
