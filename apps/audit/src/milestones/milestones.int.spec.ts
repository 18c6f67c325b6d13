import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MILESTONES_STREAM } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { collect } from '#test/support/collect.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { ticksAt } from '#libs/protocol/validation/instants.js';
import { findPosition } from './find-position.js';
import { MilestoneKeeper } from './milestone-keeper.js';
import { Milestones } from './milestones.js';

let server: TestEventStore;
let store: EventStore;

const fill = async (events: number): Promise<void> => {
  const stream = `messages-${randomUUID().slice(0, 8)}`;
  for (let left = events; left > 0; left -= 100)
    await store.append(
      stream,
      Array.from({ length: 100 }, () => newEvent()),
      'any',
    );
};

const set = async (): Promise<{ position: bigint; at: string }[]> => {
  const milestones = await collect(store.readStream(MILESTONES_STREAM));
  return milestones.map(({ data }) => {
    const { position, at } = data as { position: string; at: string };
    return { position: BigInt(position), at };
  });
};

const failures: Error[] = [];
const keeper = (): MilestoneKeeper => new MilestoneKeeper(store, 'spec', (error) => failures.push(error), 1);

beforeAll(async () => {
  server = await startEventStore();
  store = new EventStore({ connectionString: server.connectionString });
  await fill(2_000);
});

afterAll(async () => {
  await store?.close();
  await server?.stop();
});

describe('milestones', () => {
  it('are set over an existing log, each by one of two keepers, and continue after a restart', async () => {
    const keepers = [keeper(), keeper()];
    for (const one of keepers) one.start();
    await waitFor('milestones of the first events', async () => (await set()).length >= 6);
    await Promise.all(keepers.map((one) => one.stopMilestones()));
    await fill(1_000);
    await server.restart();
    const later = keeper();
    later.start();
    await waitFor('milestones of the later ones', async () => (await set()).length >= 9);
    await later.stopMilestones();
    const milestones = await set();
    for (const [index, { position, at }] of milestones.entries()) {
      const before = milestones[index - 1];
      if (!before) continue;
      expect(position).toBeGreaterThan(before.position);
      expect(at >= before.at).toBe(true);
    }
    expect(failures).toEqual([]);
  });

  it('name existing events, and when they were recorded', async () => {
    const events = new Map((await collect(store.readAll())).map((event) => [event.position.commit, event]));
    for (const { position, at } of await set()) expect(events.get(position)?.at.toISOString()).toBe(at);
  });
});

describe('the place of a time', () => {
  let events: PositionedEvent[];
  beforeAll(async () => {
    events = await collect(store.readAll({ includeSystem: true }));
  });

  const placeOf = (time: Date): bigint | undefined => events.find(({ at }) => at >= time)?.position.commit;

  it('is that of the first event recorded then or later', async () => {
    for (let index = 0; index < events.length; index += 97) {
      const { at } = events[index]!;
      for (const time of [at, new Date(at.getTime() + 1)])
        expect((await findPosition(store, ticksAt(time.toISOString())))?.commit).toBe(placeOf(time));
    }
    expect((await findPosition(store, 0n))?.commit).toBe(events[0]!.position.commit);
    expect(await findPosition(store, ticksAt('2999-01-01T00:00:00Z'))).toBeUndefined();
  });

  it('is found without reading the log from its start', async () => {
    const { at } = events.at(-200)!;
    const milestone = await new Milestones(store).lastBefore(at);
    let read = 0;
    const counting = {
      readStream: store.readStream.bind(store),
      readStored: async function* (...args: Parameters<EventStore['readStored']>) {
        for await (const batch of store.readStored(...args)) {
          read += batch.length;
          yield batch;
        }
      },
    };
    expect((await findPosition(counting, ticksAt(at.toISOString())))?.commit).toBe(placeOf(at));
    const between = events.filter(
      ({ position, at: when }) => position.commit >= milestone!.position.commit && when < at,
    );
    expect(milestone).toBeDefined();
    expect(read).toBeLessThan(between.length + 300);
    expect(read).toBeLessThan(events.length / 2);
  });
});
