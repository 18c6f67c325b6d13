import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LogBuilder, projecting, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import type { BotEvent } from '#libs/domain/bot/bot.events.js';
import { restoreExact } from '../postgres/exact-text.js';
import { BotKeyRow, BotRow } from '../entities/bot.entity.js';
import { botsProjection } from './bots.projection.js';

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
  await scratch.database.rows('TRUNCATE bots_g1, bot_keys_g1, bot_changes_g1');
  log = new LogBuilder();
});

const HASH = 'f'.repeat(64);
const happened = (...events: BotEvent[]) => events.map((event) => log.add(`bot-${event.data.bot}`, event));
const registered = (bot: string): BotEvent => ({ type: 'BotRegistered', data: { bot } });
const issued = (bot: string, keyId: string): BotEvent => ({
  type: 'KeyIssued',
  data: { bot, keyId, hash: HASH },
});
const revoked = (bot: string, keyId: string): BotEvent => ({ type: 'KeyRevoked', data: { bot, keyId } });
const suspended = (bot: string, reason?: string): BotEvent => ({
  type: 'BotSuspended',
  data: { bot, ...(reason === undefined ? {} : { reason }) },
});
const reinstated = (bot: string): BotEvent => ({ type: 'BotReinstated', data: { bot } });

const project = () => projecting(scratch.database, botsProjection, log.events);
const stored = async () => {
  const source = await scratch.database.source();
  return {
    bots: await source.getRepository(BotRow).find({ order: { name: 'ASC' } }),
    keys: await source.getRepository(BotKeyRow).find({ order: { bot: 'ASC', keyId: 'ASC' } }),
  };
};

const story = () =>
  happened(
    registered('alice'),
    issued('alice', 'key1'),
    registered('bob'),
    issued('bob', 'key2'),
    suspended('alice', 'too loud'),
    issued('alice', 'key3'),
    revoked('alice', 'key1'),
    reinstated('alice'),
    suspended('bob', 'a\0b'),
  );

describe('the bots read model', () => {
  it('knows each bot, whether it may connect, and its keys', async () => {
    const events = story();
    await project().once();
    const { bots, keys } = await stored();
    expect(bots.map((bot) => restoreExact(bot, bot.exact))).toMatchObject([
      { name: 'alice', status: 'active', registeredAt: events[0]!.at, suspendedAt: null, reason: null },
      { name: 'bob', status: 'suspended', suspendedAt: events[8]!.at, reason: 'a\0b' },
    ]);
    expect(keys).toEqual([
      { bot: 'alice', keyId: 'key1', issuedAt: events[1]!.at, revokedAt: events[6]!.at },
      { bot: 'alice', keyId: 'key3', issuedAt: events[5]!.at, revokedAt: null },
      { bot: 'bob', keyId: 'key2', issuedAt: events[3]!.at, revokedAt: null },
    ]);
  });

  it('holds no hash of a key', async () => {
    story();
    await project().once();
    expect(JSON.stringify(await scratch.database.rows('SELECT * FROM bots_g1'))).not.toContain(HASH);
    expect(JSON.stringify(await scratch.database.rows('SELECT * FROM bot_keys_g1'))).not.toContain(HASH);
  });

  it('is the same when the same events come again', async () => {
    story();
    await project().once();
    const once = await stored();
    await project().times(2);
    expect(await stored()).toEqual(once);
  });

  it.each([1, 2, 3, 4])('is the same when the log is cut into batches of %i', async (size) => {
    story();
    await project().once();
    const whole = await stored();
    await scratch.database.rows('TRUNCATE bots_g1, bot_keys_g1');
    await project().once(size);
    expect(await stored()).toEqual(whole);
  });
});
