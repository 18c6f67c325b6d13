import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Creates generation 1 of every read model, the views that name the active generation, and the table of builds.
 * Released migrations are never edited. A later generation is a copy of the active one's shape (`LIKE … INCLUDING
 * ALL`).
 *
 * Names and ids compare by bytes (collation "C"), so their order is the same everywhere, whatever the server's locale.
 */
export class CreateReadModels1795478400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...BUILDS, ...MESSAGES, ...CHANNELS, ...BOTS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['messages', 'channels', 'channel_members', 'bots', 'bot_keys']) {
      await runner.query(`DROP VIEW ${name}`);
      await runner.query(`DROP TABLE ${name}_g1`);
    }
    await runner.query('DROP FUNCTION search_words');
    await runner.query('DROP TABLE projection_builds');
  }
}

const BUILDS = [
  `CREATE TABLE projection_builds (
    name text NOT NULL,
    generation int NOT NULL,
    version int NOT NULL,
    active boolean NOT NULL,
    commit_position numeric(20, 0) NOT NULL,
    prepare_position numeric(20, 0) NOT NULL,
    state text NOT NULL,
    lag_ms bigint NOT NULL DEFAULT 0,
    seen_at timestamptz NOT NULL DEFAULT now(),
    failed_position numeric(20, 0),
    failed_type text,
    failed_message text,
    PRIMARY KEY (name, generation)
  ) WITH (fillfactor = 50)`,
  `CREATE UNIQUE INDEX projection_builds_active ON projection_builds (name) WHERE active`,
];

const MESSAGES = [
  `CREATE TABLE messages_g1 (
    channel text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    bot text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    body text NOT NULL,
    data text,
    reply_to text COLLATE "C",
    correlation_id text COLLATE "C",
    target text COLLATE "C",
    at timestamptz NOT NULL,
    position bigint NOT NULL,
    exact text,
    search tsvector GENERATED ALWAYS AS (to_tsvector('simple', left(body, 100000))) STORED,
    PRIMARY KEY (channel, seq)
  )`,
  `CREATE INDEX messages_g1_accepted ON messages_g1 (bot, lower(id))`,
  `CREATE INDEX messages_g1_position ON messages_g1 (position, seq)`,
  `CREATE INDEX messages_g1_bot ON messages_g1 (bot, position, seq)`,
  `CREATE INDEX messages_g1_bot_channel ON messages_g1 (bot, channel, seq)`,
  `CREATE INDEX messages_g1_at ON messages_g1 (at)`,
  `CREATE INDEX messages_g1_search ON messages_g1 USING gin (search)`,
  // Accepts whatever people type: input that breaks the search syntax (dozens of minus signs in a row) counts as plain
  // words. Immutable, so that the planner knows the words and can choose between the index of words and the index of
  // positions.
  `CREATE FUNCTION search_words(typed text) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    BEGIN
      RETURN websearch_to_tsquery('simple', typed);
    EXCEPTION WHEN OTHERS THEN
      RETURN plainto_tsquery('simple', typed);
    END $$`,
  `CREATE VIEW messages AS
    SELECT channel, seq, id, bot, kind, body, data, reply_to, correlation_id, target, at, position, exact, search
    FROM messages_g1`,
];

const CHANNELS = [
  `CREATE TABLE channels_g1 (
    name text COLLATE "C" PRIMARY KEY,
    visibility text NOT NULL,
    status text NOT NULL,
    opened_at timestamptz NOT NULL,
    archived_at timestamptz,
    member_count int NOT NULL DEFAULT 0,
    position bigint NOT NULL
  )`,
  `CREATE TABLE channel_members_g1 (
    channel text COLLATE "C" NOT NULL,
    bot text COLLATE "C" NOT NULL,
    joined_at timestamptz NOT NULL,
    from_seq bigint NOT NULL,
    PRIMARY KEY (channel, bot)
  )`,
  `CREATE INDEX channel_members_g1_bot ON channel_members_g1 (bot, channel)`,
  `CREATE VIEW channels AS
    SELECT name, visibility, status, opened_at, archived_at, member_count, position FROM channels_g1`,
  `CREATE VIEW channel_members AS SELECT channel, bot, joined_at, from_seq FROM channel_members_g1`,
];

const BOTS = [
  `CREATE TABLE bots_g1 (
    name text COLLATE "C" PRIMARY KEY,
    status text NOT NULL,
    registered_at timestamptz NOT NULL,
    suspended_at timestamptz,
    reason text,
    exact text,
    position bigint NOT NULL
  )`,
  `CREATE TABLE bot_keys_g1 (
    bot text COLLATE "C" NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    issued_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (bot, key_id)
  )`,
  `CREATE VIEW bots AS
    SELECT name, status, registered_at, suspended_at, reason, exact, position FROM bots_g1`,
  `CREATE VIEW bot_keys AS SELECT bot, key_id, issued_at, revoked_at FROM bot_keys_g1`,
];
