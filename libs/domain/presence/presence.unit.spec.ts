import { describe, expect, it } from 'vitest';
import { evolvePresence, isOnline, neverSeen } from './presence.js';
import type { BotPresence } from './presence.js';
import type { PresenceEvent } from './presence.events.js';

const data = (connection: string) => ({ bot: 'alice', consumer: 'default', connection, gateway: 'g' });
const came = (connection: string): PresenceEvent => ({ type: 'BotConnected', data: data(connection) });
const went = (connection: string, reason = 'left'): PresenceEvent => ({
  type: 'BotDisconnected',
  data: { ...data(connection), reason },
});
/** Folds events that were recorded one second apart. */
const after = (...events: PresenceEvent[]): BotPresence =>
  events.reduce(
    (state, event, revision) => evolvePresence(state, { event, revision, at: `t${revision}` }),
    neverSeen,
  );

describe('presence', () => {
  it('begins with the first connection and ends with the last', () => {
    expect(isOnline(neverSeen)).toBe(false);
    expect(after(came('a'), came('b'), went('a'))).toMatchObject({ revision: 2, since: 't0' });
    expect(isOnline(after(came('a'), came('b'), went('a')))).toBe(true);
    expect(after(came('a'), came('b'), went('a'), went('b', 'timed_out'))).toEqual({
      connections: [],
      revision: 3,
      since: 't3',
      reason: 'timed_out',
    });
  });

  it('forgets why a bot had gone when it comes back', () => {
    expect(after(came('a'), went('a'), came('b'))).toEqual({
      connections: [{ connection: 'b', consumer: 'default', gateway: 'g', revision: 2 }],
      revision: 2,
      since: 't2',
    });
  });

  it('applies an event once, and ignores the end of a connection that is not open', () => {
    const online = after(came('a'));
    expect(evolvePresence(online, { event: went('a'), revision: 0, at: 't' })).toBe(online);
    expect(after(came('a'), went('z'))).toEqual({ ...online, revision: 1 });
    expect(after(came('a'), went('a'), went('a', 'gateway_lost'))).toMatchObject({
      since: 't1',
      reason: 'left',
    });
  });
});
