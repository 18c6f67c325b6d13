import { PRESENCE_EVENT_TYPES } from '#libs/domain/presence/presence.events.js';
import type { PresenceEvent } from '#libs/domain/presence/presence.events.js';
import { evolvePresence, isOnline, neverSeen } from '#libs/domain/presence/presence.js';
import type { BotPresence, OpenConnection } from '#libs/domain/presence/presence.js';
import type { Transaction } from '../postgres/transaction.js';
import { unnest } from '../postgres/unnest.js';
import type { Projection } from '../builds/projection.js';
import { ofType } from '../builds/typed-events.js';
import { PRESENCE_TABLE } from './presence.table.js';

/** Projects which bots are connected, over all their consumers and all gateways. */
export const presenceProjection: Projection = {
  name: 'presence',
  version: 1,
  tables: [PRESENCE_TABLE],
  streamPrefixes: ['presence-'],
  eventTypes: PRESENCE_EVENT_TYPES,
  async apply(events, tx, table) {
    const changes = ofType<PresenceEvent>(events, ...PRESENCE_EVENT_TYPES);
    const states = await findPresence(
      changes.map(({ data }) => data.bot),
      tx,
      table('presence'),
    );
    for (const event of changes) {
      const { bot } = event.data;
      const { revision, at } = event;
      states.set(
        bot,
        evolvePresence(states.get(bot) ?? neverSeen, { event, revision, at: at.toISOString() }),
      );
    }
    await writePresence(states, tx, table('presence'));
  },
};

const COLUMNS = {
  bot: 'text',
  state: 'text',
  since: 'timestamptz',
  reason: 'text',
  connections: 'text',
  revision: 'bigint',
} as const;

type PresenceRecord = Readonly<{
  bot: string;
  since: Date;
  reason: string | null;
  connections: string;
  revision: string;
}>;

const findPresence = async (
  bots: readonly string[],
  tx: Transaction,
  table: string,
): Promise<Map<string, BotPresence>> => {
  const rows = await tx.rows<PresenceRecord>(
    `SELECT bot, since, reason, connections, revision FROM ${table} WHERE bot = ANY ($1::text[])`,
    [[...new Set(bots)]],
  );
  return new Map(
    rows.map(({ bot, since, reason, connections, revision }) => [
      bot,
      {
        connections: JSON.parse(connections) as OpenConnection[],
        revision: Number(revision),
        since: since.toISOString(),
        ...(reason === null ? {} : { reason }),
      },
    ]),
  );
};

/**
 * Writes the states. A stream whose first events are gone may begin with a connection that ends; then nothing is known
 * of that bot yet.
 */
const writePresence = async (
  states: ReadonlyMap<string, BotPresence>,
  tx: Transaction,
  table: string,
): Promise<void> => {
  const rows = [...states]
    .filter(([, { since }]) => since !== undefined)
    .map(([bot, presence]) => ({
      bot,
      state: isOnline(presence) ? 'online' : 'offline',
      since: presence.since!,
      reason: isOnline(presence) ? null : (presence.reason ?? null),
      connections: JSON.stringify(presence.connections),
      revision: presence.revision,
    }));
  if (rows.length === 0) return;
  const { given, columns, parameters } = unnest(COLUMNS, rows);
  await tx.run(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${given}
     ON CONFLICT (bot) DO UPDATE SET state = excluded.state, since = excluded.since, reason = excluded.reason,
       connections = excluded.connections, revision = excluded.revision`,
    parameters,
  );
};
