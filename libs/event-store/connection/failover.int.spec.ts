import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newEvent } from '../../../test/support/new-event.js';
import { StandInCluster } from '#tools/harness/cluster/stand-in-cluster.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { closeClient, connectClient } from '../client.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { EventStore } from '../event-store.js';
import { openRead } from '../stored/read-call.js';
import type { ConnectionState } from '../subscription/log-subscription.js';

/** Milliseconds that a step may take on a busy machine. `npm run bench` measures how long it takes otherwise. */
const PATIENCE_MS = 20_000;

describe('a cluster that loses its leader', () => {
  let cluster: StandInCluster;
  let store: EventStore;
  let stream: string;
  let states: ConnectionState[];
  let heard: string[];

  beforeAll(async () => {
    // Slow to notice a frozen member: until then the others name it as the leader.
    cluster = await StandInCluster.start({ silenceMs: 2_000 });
  });
  afterAll(() => cluster?.remove());
  beforeEach(async () => {
    stream = randomUUID();
    states = [];
    heard = [];
    store = new EventStore({ connectionString: cluster.connectionString, deadlineMs: PATIENCE_MS });
    store.subscribeToAll({
      from: 'end',
      streamPrefixes: [stream],
      onEvent: ({ eventId }) => void heard.push(eventId),
      onConnectionChange: (state) => void states.push(state),
    });
    await waitFor('the subscription', () => states.includes('connected'));
  });
  afterEach(async () => {
    await store.close();
    await Promise.all(
      cluster.ports.map(async (_, member) => {
        cluster.thaw(member);
        if (!cluster.running.includes(member)) await cluster.startMember(member);
      }),
    );
  });

  /**
   * Appends until the store accepts an event, like a writer that decides again after each answer. @returns the event's
   * id
   */
  const taken = async (through = store): Promise<string> => {
    const event = newEvent();
    await waitFor(
      'an append to be taken',
      () => through.append(stream, [event], 'any').catch((error: unknown) => rethrowUnless(error)),
      PATIENCE_MS,
    );
    return event.eventId;
  };

  /** Checks that each accepted event is in the log once and arrives once, in the order of the log. */
  const expectAllHeard = async (ids: readonly string[]): Promise<void> => {
    await waitFor('the events', () => ids.every((id) => heard.includes(id)), PATIENCE_MS);
    const stored: string[] = [];
    for await (const { eventId } of store.readStream(stream)) stored.push(eventId);
    expect(new Set(stored).size).toBe(stored.length);
    expect(heard).toEqual(stored);
  };

  it.each([
    ['killed', async (leader: number) => cluster.kill(leader)],
    ['held still', async (leader: number) => cluster.freeze(leader)],
    ['told that another leads', async (leader: number) => cluster.giveLead((leader + 1) % 3)],
  ])(
    'appends, reads and subscriptions continue on the next leader when the old one is %s',
    async (_, fault) => {
      const before = await taken();
      const old = cluster.leader;
      await fault(old);
      const after = await taken();
      expect(cluster.leader).not.toBe(old);
      await expectAllHeard([before, after]);
      states.length = 0;
      await cluster.kill(old); // nothing reaches it any more
      await store.append(stream, [newEvent()], 'any');
      expect(states).toEqual([]);
    },
  );

  it('continues without a failure when the old leader comes back', async () => {
    for (const [fault, mend] of [
      [(member: number) => cluster.kill(member), (member: number) => cluster.startMember(member)],
      [async (member: number) => cluster.freeze(member), async (member: number) => cluster.thaw(member)],
    ] as const) {
      const old = cluster.leader;
      await fault(old);
      const ids = [await taken()];
      await expectAllHeard(ids);
      states.length = 0;
      await mend(old);
      for (let count = 0; count < 50; count += 1) {
        const event = newEvent();
        await store.append(stream, [event], 'any');
        ids.push(event.eventId);
      }
      await expectAllHeard(ids);
      expect(states).toEqual([]);
      await cluster.untilSomeoneLeads(old);
    }
  });

  it('is not entered through a frozen member, even if the others name it as the leader', async () => {
    const old = cluster.leader;
    cluster.freeze(old);
    const late = new EventStore({ connectionString: cluster.connectionString });
    try {
      await taken(late);
    } finally {
      await late.close();
    }
    expect(cluster.leader).not.toBe(old);
  });

  it('is found by a name that resolves to one member, even if that member is gone later', async () => {
    const [port] = cluster.ports;
    const named = new EventStore({ connectionString: `esdb+discover://localhost:${port}?tls=false` });
    try {
      await taken(named);
      await cluster.kill(0);
      await taken(named);
    } finally {
      await named.close();
    }
  });

  it('refuses appends in time while all members are away, and accepts them when they are back', async () => {
    await taken();
    await Promise.all(cluster.ports.map((_, member) => cluster.kill(member)));
    await expect(store.append(stream, [newEvent()], 'any')).rejects.toThrow(StoreUnavailable);
    await expect(store.append(stream, [newEvent()], 'any')).rejects.toThrow(/has no leader; 127\.0\.0\.1:/);
    await expect(store.ping(200)).rejects.toThrow(StoreUnavailable);
    await Promise.all(cluster.ports.map((_, member) => cluster.startMember(member)));
    await taken();
  });

  it('is searched once for all waiting calls, and healthy calls are left alone', async () => {
    const client = connectClient(cluster.connectionString);
    try {
      const first = await client.channel();
      const following = await openRead(client, { direction: 'forwards', from: 'start', follow: true });
      const waiting = Array.from({ length: 20 }, () => {
        client.doubt(first);
        return client.channel();
      });
      expect(client.isInUse(first)).toBe(false);
      for (const channel of waiting) expect(await channel).toBe(first);
      const id = await taken();
      await waitFor(
        'the event',
        () => {
          const answer = following.takeAnswer();
          return answer?.kind === 'event' && answer.event.eventId === id;
        },
        PATIENCE_MS,
        1,
      );
    } finally {
      await closeClient(client);
    }
  });
});

const rethrowUnless = (error: unknown): undefined => {
  if (error instanceof StoreUnavailable) return undefined;
  throw error;
};
