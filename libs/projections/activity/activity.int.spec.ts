import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LogBuilder, projecting, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import { activityProjection } from './activity.projection.js';

const postgres = usePostgres();
let scratch: ScratchDatabase;
let log: LogBuilder;

beforeAll(async () => {
  scratch = await scratchDatabase(postgres);
});
afterAll(async () => {
  await scratch?.close();
});
beforeEach(async () => {
  await scratch.database.rows('TRUNCATE activity_g1');
  log = new LogBuilder();
});

const said = (kind: 'Posted' | 'Edited' | 'Redacted', channel: string, bot: string, at: string): void => {
  const id = crypto.randomUUID();
  log.add(
    `messages-${channel}`,
    { type: `Message${kind}`, data: { id, channel, bot, target: id, body: 'äb' } },
    new Date(at),
  );
};
const project = () => projecting(scratch.database, activityProjection, log.events);
const counted = (interval: string) =>
  scratch.database.rows(
    `SELECT bucket, channel, bot, posted::int, edited::int, redacted::int, bytes::int FROM activity
     WHERE interval = $1 ORDER BY bucket, channel, bot`,
    [interval],
  );

const story = (): void => {
  said('Posted', 'general', 'alice', '2026-11-23T23:58:59.999Z');
  said('Posted', 'general', 'alice', '2026-11-23T23:59:00Z');
  said('Edited', 'general', 'alice', '2026-11-23T23:59:30Z');
  said('Posted', 'other', 'alice', '2026-11-23T23:59:30Z');
  said('Posted', 'general', 'bob', '2026-11-24T00:00:00Z');
  said('Redacted', 'general', 'bob', '2026-11-24T00:00:59Z');
};

describe('the activity read model', () => {
  it('counts by minute, hour and day, by channel and bot', async () => {
    story();
    await project().once();
    const alice = { channel: 'general', bot: 'alice', redacted: 0 };
    expect(await counted('minute')).toEqual([
      { bucket: new Date('2026-11-23T23:58:00Z'), ...alice, posted: 1, edited: 0, bytes: 3 },
      { bucket: new Date('2026-11-23T23:59:00Z'), ...alice, posted: 1, edited: 1, bytes: 6 },
      {
        bucket: new Date('2026-11-23T23:59:00Z'),
        ...alice,
        channel: 'other',
        posted: 1,
        edited: 0,
        bytes: 3,
      },
      {
        bucket: new Date('2026-11-24T00:00:00Z'),
        channel: 'general',
        bot: 'bob',
        posted: 1,
        edited: 0,
        redacted: 1,
        bytes: 3,
      },
    ]);
    expect(await counted('hour')).toMatchObject([
      { posted: 2, edited: 1 },
      { channel: 'other' },
      { bot: 'bob' },
    ]);
    expect(await counted('day')).toMatchObject([
      { bucket: new Date('2026-11-23T00:00:00Z'), posted: 2 },
      { channel: 'other' },
      { bucket: new Date('2026-11-24T00:00:00Z'), bot: 'bob' },
    ]);
  });

  it('is the same when the same events come again', async () => {
    story();
    await project().once(4);
    const once = await scratch.database.rows('SELECT * FROM activity ORDER BY 1, 2, 3, 4');
    await project().times(2);
    expect(await scratch.database.rows('SELECT * FROM activity ORDER BY 1, 2, 3, 4')).toEqual(once);
  });

  it.each([1, 2, 3, 4])('is the same when the log is cut into batches of %i', async (size) => {
    story();
    await project().once();
    const whole = await scratch.database.rows('SELECT * FROM activity ORDER BY 1, 2, 3, 4');
    await scratch.database.rows('TRUNCATE activity_g1');
    await project().once(size);
    expect(await scratch.database.rows('SELECT * FROM activity ORDER BY 1, 2, 3, 4')).toEqual(whole);
  });
});
