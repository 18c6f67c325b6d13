import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANY_LOG, LogBuilder, MemoryLog, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import { LOG_START } from '#libs/event-store/position.js';
import { AcceptedLookup } from './accepted-lookup.js';
import { messagesProjection } from './messages/messages.projection.js';
import { PostgresUnavailable } from './postgres/postgres.errors.js';
import { ProjectionRunner } from './runner/projection-runner.js';

const id = (n: number): string => `0198F0AA-0000-7000-8000-${n.toString().padStart(12, '0')}`;

const postgres = usePostgres();
let scratch: ScratchDatabase;
let lookup: AcceptedLookup;

beforeAll(async () => {
  scratch = await scratchDatabase(postgres);
  lookup = new AcceptedLookup(scratch.url, ANY_LOG);
});
afterAll(async () => {
  await lookup?.close();
  await scratch?.close();
});

describe('looking up accepted messages', () => {
  it('says that it reflects nothing while nothing was projected yet', async () => {
    const { found, reflects } = await lookup.find([{ bot: 'alice', id: id(1) }]);
    expect([found.size, reflects]).toEqual([0, LOG_START]);
  });

  it('says the same while there are no read models', async () => {
    const early = new AcceptedLookup(await postgres.createDatabase(), ANY_LOG);
    await expect(early.find([{ bot: 'alice', id: id(1) }])).rejects.toBeInstanceOf(PostgresUnavailable);
    await early.close();
  });

  it('finds the seqs of each bot’s ids, in upper or lower case, and says how far it looked', async () => {
    const build = new LogBuilder();
    const posts = [
      ['general', 'alice', id(1)],
      ['general', 'bob', id(1)],
      ['other', 'alice', id(2)],
      ['other', 'alice', id(1)],
    ] as const;
    const events = posts.map(([channel, bot, messageId]) =>
      build.add(`messages-${channel}`, {
        type: 'MessagePosted',
        data: { id: messageId, channel, bot, body: 'hi' },
      }),
    );
    const runner = new ProjectionRunner(messagesProjection, new MemoryLog(events), scratch.stores);
    runner.start();
    await expect.poll(() => runner.status().position).toEqual(events.at(-1)!.position);
    await runner.stopProjection();

    const pairs = [
      { bot: 'alice', id: id(1).toLowerCase() },
      { bot: 'alice', id: id(2) },
      { bot: 'bob', id: id(2) },
      { bot: "'; DROP TABLE messages_g1; --", id: '\ud800' },
    ];
    const { found, reflects } = await lookup.find(pairs);
    expect(reflects).toEqual(events.at(-1)!.position);
    expect([...found].toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      [
        `alice/${id(1).toLowerCase()}`,
        {
          bot: 'alice',
          id: id(1),
          channel: 'general',
          seq: 0,
          at: events[0]!.at.getTime(),
          position: events[0]!.position.commit,
        },
      ],
      [
        `alice/${id(2).toLowerCase()}`,
        {
          bot: 'alice',
          id: id(2),
          channel: 'other',
          seq: 0,
          at: events[2]!.at.getTime(),
          position: events[2]!.position.commit,
        },
      ],
    ]);
    expect((await lookup.find([])).found.size).toBe(0);
  });

  it('does not rule out any id while the stored checkpoint is impossible', async () => {
    const checkpoint = (position: bigint) =>
      scratch.database.rows(
        `UPDATE projection_builds SET commit_position = $1, prepare_position = $1 WHERE name = 'messages'`,
        [`${position}`],
      );
    const [before] = await scratch.database.rows<{ at: string }>(
      `SELECT commit_position AS at FROM projection_builds WHERE name = 'messages'`,
    );
    for (const impossible of [2n ** 64n - 1n, 2n ** 64n - 2n, 2n ** 63n - 1n]) {
      await checkpoint(impossible);
      expect((await lookup.find([{ bot: 'alice', id: id(9) }])).reflects).toEqual(LOG_START);
    }
    await checkpoint(BigInt(before!.at));
  });

  it('finds nothing, and rules out nothing, in rows of a log that was replaced', async () => {
    const pair = { bot: 'alice', id: id(1) };
    const of = async (log: typeof ANY_LOG, displaced: string | null): Promise<unknown> => {
      const another = new AcceptedLookup(scratch.url, log);
      await scratch.database.rows(`UPDATE projection_builds SET displaced = $1 WHERE name = 'messages'`, [
        displaced,
      ]);
      try {
        return (await another.find([pair])).found.size;
      } catch (error) {
        return (error as Error).name;
      } finally {
        await another.close();
      }
    };
    const replaced = { ...ANY_LOG, holds: async () => false };
    expect(await of(ANY_LOG, 'restored')).toBe('NotOfThisLog');
    expect(await of(replaced, null)).toBe('NotOfThisLog');
    expect(await of(ANY_LOG, null)).toBe(1);
    await scratch.database.rows(
      `UPDATE projection_builds SET displaced = 'restored' WHERE name = 'messages'`,
    );
    await expect(lookup.find([pair])).rejects.toThrow('being rebuilt');
    await scratch.database.rows(`UPDATE projection_builds SET displaced = NULL`);
  });

  it('says clearly that PostgreSQL is away', async () => {
    const nowhere = new AcceptedLookup('postgres://nobody:secret@127.0.0.1:1/none', ANY_LOG);
    await expect(nowhere.find([{ bot: 'alice', id: id(1) }])).rejects.toThrow(
      /^PostgreSQL is away: connect ECONNREFUSED 127\.0\.0\.1:1$/,
    );
    await nowhere.close();
  });
});
