import { describe, expect, it } from 'vitest';
import { specify } from '#test/support/decider-specification.js';
import { decideBot, evolveBot, unknownBot } from './bot.decider.js';
import type { BotEvent } from './bot.events.js';

const { given } = specify(decideBot, evolveBot, unknownBot);

const bot = 'alice';
const registered: BotEvent = { type: 'BotRegistered', data: { bot } };
const issued = (keyId = 'k1'): BotEvent => ({
  type: 'KeyIssued',
  data: { bot, keyId, hash: `hash-${keyId}` },
});
const revoked = (keyId = 'k1'): BotEvent => ({ type: 'KeyRevoked', data: { bot, keyId } });
const suspended: BotEvent = { type: 'BotSuspended', data: { bot } };
const reinstated: BotEvent = { type: 'BotReinstated', data: { bot } };

describe('a bot', () => {
  it('is registered with its first key', () =>
    given()
      .when({ type: 'RegisterBot', bot, keyId: 'k1', hash: 'hash-k1' })
      .thenRecords(registered, issued()));

  it('is registered once', () =>
    given(registered)
      .when({ type: 'RegisterBot', bot, keyId: 'k2', hash: 'h' })
      .thenRejected('already_exists'));

  it('may have several keys', () =>
    given(registered, issued())
      .when({ type: 'IssueKey', bot, keyId: 'k2', hash: 'hash-k2' })
      .thenRecords(issued('k2')));

  it('loses a revoked key once, however often that is requested', () => {
    given(registered, issued()).when({ type: 'RevokeKey', bot, keyId: 'k1' }).thenRecords(revoked());
    given(registered, issued(), revoked()).when({ type: 'RevokeKey', bot, keyId: 'k1' }).thenRecords();
    given(registered, issued()).when({ type: 'RevokeKey', bot, keyId: 'k2' }).thenRejected('unknown_key');
  });

  it('does not mistake a property that every object has for a key', () =>
    given(registered).when({ type: 'RevokeKey', bot, keyId: 'constructor' }).thenRejected('unknown_key'));

  it('is suspended and reinstated; repeating either changes nothing', () => {
    given(registered).when({ type: 'SuspendBot', bot }).thenRecords(suspended);
    given(registered, suspended).when({ type: 'SuspendBot', bot }).thenRecords();
    given(registered, suspended).when({ type: 'ReinstateBot', bot }).thenRecords(reinstated);
    given(registered, suspended, reinstated).when({ type: 'ReinstateBot', bot }).thenRecords();
  });

  it('must exist for everything except registering it', () =>
    given().when({ type: 'SuspendBot', bot }).thenRejected('unknown_bot'));

  it('holds the hashes of the keys that are valid', () =>
    expect([registered, issued('k1'), issued('k2'), revoked('k1')].reduce(evolveBot, unknownBot)).toEqual({
      status: 'active',
      name: bot,
      keys: { k2: { hash: 'hash-k2' } },
      revoked: new Set(['k1']),
    }));
});
