import { readFileSync } from 'node:fs';
import {
  END,
  jsonEvent,
  type EventData,
  type EventStoreDBClient,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StoreProcess } from './store-process.js';

/** How many events are appended before there are subscribers. */
const WARM_UP = 60_000;
/** Up to how many events are appended while the subscribers do not read. */
const EVENTS = 200_000;
const BATCH = 500;
const IN_FLIGHT = 4;
const MAX_GROWTH_MIB = 50;
const STREAM = 'flood-1';
const TEXT = 'x'.repeat(400);

let store: StoreProcess;
beforeEach(async () => {
  store = await StoreProcess.start();
});
afterEach(() => store.stop());

/** Returns the resident memory of a process, including its mapped files. */
const residentMiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

const batch = (first: number): EventData[] =>
  Array.from({ length: BATCH }, (_, i) =>
    jsonEvent({ type: 'Flood', data: { number: first + i, text: TEXT } }),
  );

/** Appends events to one stream until it has this many. */
const flood = async (
  client: EventStoreDBClient,
  from: number,
  to: number,
  each = (): void => {},
): Promise<void> => {
  for (let first = from; first < to; first += BATCH * IN_FLIGHT) {
    const appends = Array.from({ length: IN_FLIGHT }, (_, i) =>
      client.appendToStream(STREAM, batch(first + i * BATCH)),
    );
    await Promise.all(appends);
    each();
  }
};

interface Following {
  /** Starts to read. Resolves once it has read the event of this revision. */
  readUntil(last: number): Promise<void>;
  readonly revisions: number[];
}

const follow = async (client: EventStoreDBClient, to: '$all' | 'stream'): Promise<Following> => {
  const subscription =
    to === '$all' ? client.subscribeToAll({ fromPosition: END }) : client.subscribeToStream(STREAM);
  await new Promise<void>((resolve) => subscription.on('confirmation', () => resolve()));
  const revisions: number[] = [];
  return {
    revisions,
    readUntil: (last) =>
      new Promise((resolve, reject) => {
        subscription.on('error', reject).on('data', ({ event }: ResolvedEvent) => {
          if (event?.streamId !== STREAM) return;
          revisions.push(Number(event.revision));
          if (revisions.at(-1) === last) resolve();
        });
      }),
  };
};

it('Subscribers that stop reading cost the server little memory, and get each event once and in order when they read again', async () => {
  const writer = store.client();
  // The memory that appending itself needs is taken before anything is measured.
  await flood(writer, 0, WARM_UP);
  const ofAll = await follow(store.client(), '$all');
  const ofStream = await follow(store.client(), 'stream');
  const before = residentMiB(store.pid);
  let peak = before;
  await flood(writer, WARM_UP, WARM_UP + EVENTS, () => {
    peak = Math.max(peak, residentMiB(store.pid));
  });
  const growth = Math.round(peak - before);
  console.log(`slow subscribers: ${Math.round(before)} MiB before, at most ${growth} MiB more`);
  await Promise.all([ofAll, ofStream].map((following) => following.readUntil(WARM_UP + EVENTS - 1)));
  const all = Array.from({ length: WARM_UP + EVENTS }, (_, i) => i);
  expect(differsAt(ofAll.revisions, all.slice(WARM_UP))).toBe(-1);
  expect(differsAt(ofStream.revisions, all)).toBe(-1);
  expect(growth).toBeLessThan(MAX_GROWTH_MIB);
}, 240_000);

/** Returns the first index where the two differ, or -1. Quicker than comparing by matchers. */
const differsAt = (received: readonly number[], expected: readonly number[]): number =>
  received.length === expected.length
    ? received.findIndex((revision, i) => revision !== expected[i])
    : Math.min(received.length, expected.length);
