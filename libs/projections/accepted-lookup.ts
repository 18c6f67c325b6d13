import { acceptedKey } from '#libs/delivery/accepted-window.js';
import { LOG_START, keptPositionOf } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { PostgresUnavailable, isMissingTable } from './postgres/postgres.errors.js';
import { ReadModelDatabase } from './postgres/read-model-database.js';
import { NotOfThisLog, VouchedReadModels } from './vouched-read-models.js';

/**
 * The id that a bot gave a message, and where it was accepted. `at` is in milliseconds since 1970, as the store
 * recorded it.
 */
type AcceptedMessage = Readonly<{
  bot: string;
  id: string;
  channel: string;
  seq: number;
  at: number;
  /** Commit position. */
  position: bigint;
}>;

export type AcceptedAnswer = Readonly<{
  /** Messages by `acceptedKey(bot, id)`. An id that is missing was not accepted at or before `reflects`. */
  found: ReadonlyMap<string, AcceptedMessage>;
  reflects: LogPosition;
  /**
   * Where it lacks messages, the latest first. Events that were set aside are among them. Only the latest are given.
   */
  gaps: readonly MessageGap[];
}>;

/**
 * Missing messages of a channel, by the first one. `at` is when the store recorded the message after them, in
 * milliseconds since 1970.
 */
export type MessageGap = Readonly<{ channel: string; firstMissing: number; at: number }>;

/** The most gaps that an answer names. */
export const GAPS_GIVEN = 200;

type Found = { bot: string; id: string; channel: string; seq: string; at: Date; position: string };
type Answer = {
  commit_position: string;
  prepare_position: string;
  displaced: string | null;
  gaps: readonly MessageGap[] | null;
} & {
  [Column in keyof Found]: Found[Column] | null;
};

const STATEMENT_TIMEOUT_MS = 2_000;

/**
 * Reads rows and checkpoint in one statement, so in one snapshot: `reflects` is exactly how far was searched. If the
 * log holds an id twice, the first one counts.
 */
const FIND = `
  SELECT build.commit_position, build.prepare_position, build.displaced,
         message.bot, message.id, message.channel, message.seq, message.at, message.position,
         (SELECT json_agg(json_build_object('channel', gap.channel, 'firstMissing', gap.first_missing,
                   'at', ceil(extract(epoch FROM gap.at) * 1000)) ORDER BY gap.at DESC)
          FROM (SELECT channel, first_missing, at FROM message_gaps ORDER BY at DESC LIMIT ${GAPS_GIVEN}) AS gap) AS gaps
  FROM projection_builds AS build
  LEFT JOIN (
    SELECT m.bot, m.id, m.channel, m.seq, m.at, m.position
    FROM unnest($1::text[], $2::text[]) AS wanted (bot, id)
    JOIN messages AS m ON m.bot = wanted.bot AND lower(m.id) = wanted.id
    UNION ALL
    SELECT m.bot, m.id, m.channel, m.seq, m.at, m.position
    FROM unnest($1::text[], $2::text[]) AS wanted (bot, id)
    JOIN scavenged_messages AS m ON m.bot = wanted.bot AND lower(m.id) = wanted.id
  ) AS message ON true
  WHERE build.name = 'messages' AND build.active
  ORDER BY message.position DESC, message.seq DESC`;

/** Finds messages by the ids that their bots gave them, including ids that are older than what a gateway remembers. */
export class AcceptedLookup {
  private readonly database: ReadModelDatabase;
  private readonly vouched: VouchedReadModels;

  constructor(url: string, log: ConstructorParameters<typeof VouchedReadModels>[0]) {
    this.vouched = new VouchedReadModels(log);
    this.database = new ReadModelDatabase({
      url,
      applicationName: 'verbatim-accepted-lookup',
      poolSize: 2,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    });
  }

  /**
   * Looks up pairs of bot and message id.
   *
   * @throws PostgresUnavailable when PostgreSQL is away, takes longer than two seconds, or nothing was projected yet
   * @throws NotOfThisLog when the rows belong to a log that was replaced; StoreUnavailable when that can't be checked
   */
  async find(pairs: readonly Readonly<{ bot: string; id: string }>[]): Promise<AcceptedAnswer> {
    const answer = await this.queryPairs(pairs);
    const [first] = answer;
    if (first && first.displaced !== null) throw new NotOfThisLog('messages');
    if (first === undefined) throw new PostgresUnavailable('No messages have been projected yet');
    const found = new Map<string, AcceptedMessage>();
    for (const row of answer) {
      if (row.bot !== null) found.set(acceptedKey(row.bot, row.id!), toAccepted(row as Found));
    }
    // Nobody knows how far rows go whose checkpoint no event can have, so no id may count as missing.
    const reflects = keptPositionOf(first.commit_position, first.prepare_position) ?? LOG_START;
    return { found, reflects, gaps: first.gaps ?? [] };
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  private async queryPairs(pairs: readonly Readonly<{ bot: string; id: string }>[]): Promise<Answer[]> {
    const bots = pairs.map(({ bot }) => bot);
    const ids = pairs.map(({ id }) => id.toLowerCase());
    try {
      await this.vouched.requireSameLog(['messages'], (sql, parameters) =>
        this.database.rows(sql, parameters),
      );
      return await this.database.rows<Answer>(FIND, [bots, ids]);
    } catch (error) {
      if (error instanceof PostgresUnavailable) this.vouched.forget();
      if (isMissingTable(error))
        throw new PostgresUnavailable('The read models are not there yet', { cause: error });
      throw error;
    }
  }
}

const toAccepted = ({ bot, id, channel, seq, at, position }: Found): AcceptedMessage => ({
  bot,
  id,
  channel,
  seq: Number(seq),
  at: at.getTime(),
  position: BigInt(position),
});
