import type { EntityManager } from 'typeorm';
import { botsNamed } from '../bots/bots.query.js';
import type { BotItem } from '../bots/bots.query.js';
import { channelsNamed } from '../channels/channels.query.js';
import type { ChannelItem } from '../channels/channels.query.js';
import { readPulse } from './live.query.js';
import type { Pulse } from './live.query.js';
import { movedHeads } from './message-rates.js';
import type { Heads } from './message-rates.js';
import type { LiveList } from './live-events.js';
import type { PendingChanges } from './pending-changes.js';

/** How many items of a list one push holds. */
const PUSHED = 100;

/** The changes that a console has not been told yet. */
export type Pending = Readonly<Record<LiveList, PendingChanges>>;

/** The result of one read of the read models, for all consoles. */
export type Look = Readonly<{
  pulse: Pulse;
  /** New messages by channel since the last look. Undefined at the first one. */
  moved: ReadonlyMap<string, number> | undefined;
  /** The names that each console is to be told. */
  due: ReadonlyMap<Pending, Readonly<{ channels: readonly string[]; bots: readonly string[] }>>;
  channels: ReadonlyMap<string, ChannelItem>;
  bots: ReadonlyMap<string, BotItem>;
}>;

/**
 * Reads the read models once for all consoles that are ready, and notes changed channels for every console.
 *
 * @throws RequestError `read_model_unavailable` while not all projections have started
 */
export const look = async (
  source: EntityManager,
  all: readonly Pending[],
  ready: readonly Pending[],
  before: Heads | undefined,
): Promise<Look> => {
  const pulse = await readPulse(source);
  const moved = before && movedHeads(before, pulse.heads);
  for (const channel of moved?.keys() ?? []) {
    // The channel is at least as new as the heads that were just read, so no position has to be waited for.
    for (const pending of all) pending.channels.noteChange(channel, 0n);
  }
  const due = new Map(
    ready.map((pending) => [
      pending,
      {
        channels: pending.channels.dueNames(pulse.channelsLevel, PUSHED),
        bots: pending.bots.dueNames(pulse.botsLevel, PUSHED),
      },
    ]),
  );
  const named = [...due.values()];
  const channels = await channelsNamed(source, unique(named.flatMap((each) => each.channels)));
  const bots = await botsNamed(source, unique(named.flatMap((each) => each.bots)));
  return {
    pulse,
    moved,
    due,
    channels: new Map(channels.map((item) => [item.channel, item])),
    bots: new Map(bots.map((item) => [item.bot, item])),
  };
};

const unique = (names: readonly string[]): string[] => [...new Set(names)];
