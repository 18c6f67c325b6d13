import type { Message } from '#libs/protocol/message.js';
import type { BuildTables } from '../builds/build-tables.js';
import type { TableShape } from '../builds/table-shape.js';
import type { Transaction } from '../postgres/transaction.js';
import { unnest } from '../postgres/unnest.js';

/** Places in channels at which messages are missing. The first message after a gap has this seq and time. */
export const GAPS_TABLE: TableShape = {
  name: 'message_gaps',
  columns: {
    channel: 'text COLLATE "C" NOT NULL',
    seq: 'bigint NOT NULL',
    first_missing: 'bigint NOT NULL',
    at: 'timestamptz NOT NULL',
  },
  key: ['channel', 'seq'],
  comparable: 'false',
};

/** Ids of messages that the log no longer had when this build was made. An earlier build knew them. */
export const SCAVENGED_TABLE: TableShape = {
  name: 'scavenged_messages',
  columns: {
    channel: 'text COLLATE "C" NOT NULL',
    seq: 'bigint NOT NULL',
    id: 'text COLLATE "C" NOT NULL',
    bot: 'text COLLATE "C" NOT NULL',
    at: 'timestamptz NOT NULL',
    position: 'bigint NOT NULL',
  },
  key: ['channel', 'seq'],
  indexes: { accepted: '(bot, lower(id))' },
  comparable: 'false',
};

/** Notes where messages are missing before these, whose rows are there already. The seqs of a channel are contiguous. */
export const noteGaps = async (
  messages: readonly Pick<Message, 'channel' | 'seq'>[],
  tx: Transaction,
  table: BuildTables,
): Promise<void> => {
  const before = new Map<string, number>();
  const unsure = messages.filter(({ channel, seq }) => {
    const follows = seq === (before.get(channel) ?? -1) + 1;
    before.set(channel, seq);
    return !follows;
  });
  if (unsure.length === 0) return;
  const rows = unsure.map(({ channel, seq }) => ({ channel, seq }));
  const { given, parameters } = unnest({ channel: 'text', seq: 'bigint' }, rows);
  const all = table('messages');
  await tx.run(
    `INSERT INTO ${table('message_gaps')} (channel, seq, first_missing, at)
     SELECT m.channel, m.seq,
       coalesce((SELECT max(p.seq) FROM ${all} AS p WHERE p.channel = m.channel AND p.seq < m.seq), -1) + 1, m.at
     FROM ${given} JOIN ${all} AS m ON m.channel = given.channel AND m.seq = given.seq
     WHERE m.seq > 0
       AND NOT EXISTS (SELECT 1 FROM ${all} AS p WHERE p.channel = m.channel AND p.seq = m.seq - 1)
     ON CONFLICT DO NOTHING`,
    parameters,
  );
};

/** Notes all places in the table at which messages are missing. */
export const noteAllGaps = async (tx: Transaction, table: BuildTables): Promise<void> => {
  await tx.run(
    `INSERT INTO ${table('message_gaps')} (channel, seq, first_missing, at)
     SELECT channel, seq, before + 1, at
     FROM (SELECT channel, seq, at, coalesce(lag(seq) OVER (PARTITION BY channel ORDER BY seq), -1) AS before
           FROM ${table('messages')}) AS each
     WHERE seq > before + 1
     ON CONFLICT DO NOTHING`,
  );
};

/**
 * Takes over from an earlier build the ids of messages that are missing in this one, and forgets the gaps that are
 * filled by that.
 */
export const inheritIds = async (tx: Transaction, from: BuildTables, to: BuildTables): Promise<void> => {
  for (const source of ['messages', 'scavenged_messages'])
    await tx.run(
      `INSERT INTO ${to('scavenged_messages')} (channel, seq, id, bot, at, position)
       SELECT known.channel, known.seq, known.id, known.bot, known.at, known.position
       FROM ${to('message_gaps')} AS gap JOIN ${from(source)} AS known
         ON known.channel = gap.channel AND known.seq >= gap.first_missing AND known.seq < gap.seq
       ON CONFLICT DO NOTHING`,
    );
  await tx.run(
    `DELETE FROM ${to('message_gaps')} AS gap
     WHERE gap.seq - gap.first_missing = (
       SELECT count(*) FROM ${to('scavenged_messages')} AS known
       WHERE known.channel = gap.channel AND known.seq >= gap.first_missing AND known.seq < gap.seq)`,
  );
};
