import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LogBuilder, projecting, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import { presenceProjection } from './presence.projection.js';

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
  await scratch.database.rows('TRUNCATE presence_g1');
  log = new LogBuilder();
});

const came = (bot: string, connection: string) =>
  log.add(`presence-${bot}`, {
    type: 'BotConnected',
    data: { bot, consumer: 'default', connection, gateway: 'g' },
  });
const went = (bot: string, connection: string, reason: string) =>
  log.add(`presence-${bot}`, {
    type: 'BotDisconnected',
    data: { bot, consumer: 'default', connection, gateway: 'g', reason },
  });
const project = () => projecting(scratch.database, presenceProjection, log.events);
const shown = () => scratch.database.rows('SELECT bot, state, since, reason FROM presence ORDER BY bot');
const everything = () => scratch.database.rows('SELECT * FROM presence ORDER BY bot');

const story = () => [
  came('alice', 'a1'),
  came('alice', 'a2'),
  went('alice', 'a1', 'client_closed'),
  came('bob', 'b1'),
  went('bob', 'b1', 'connection_lost'),
  went('carol', 'before all that is kept', 'client_closed'),
];

describe('the presence read model', () => {
  it('knows who is connected by any connection, and when the others went', async () => {
    const events = story();
    await project().once();
    expect(await shown()).toEqual([
      { bot: 'alice', state: 'online', since: events[0]!.at, reason: null },
      { bot: 'bob', state: 'offline', since: events[4]!.at, reason: 'connection_lost' },
    ]);
  });

  it('is the same when the same events come again, in any batches', async () => {
    story();
    await project().once();
    const once = await everything();
    await project().times(2);
    expect(await everything()).toEqual(once);
    for (const size of [1, 2, 3]) {
      await scratch.database.rows('TRUNCATE presence_g1');
      await project().once(size);
      expect(await everything()).toEqual(once);
    }
  });
});
