import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import type { EmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import { LossyHttp2 } from '#test/support/lossy-http2.js';
import { newEvent } from '#test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { EventStore } from '../event-store.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { LogFeed } from '../log-feed.js';

/** The time for a call, so short that a stuck source is found in less than two seconds. */
const DEADLINE_MS = 800;
const PATIENCE_MS = 30_000;
const STREAM = 'messages-a';
const COUNT = 20;

let folder: string;
let server: EmbeddedEventStore;
let relay: LossyHttp2;
/** Follows over the relay. */
let store: EventStore;
/** Has a connection of its own. */
let writer: EventStore;
let written: number;
/** Why sources were ended. */
let reasons: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verbatim-spec-stuck-'));
  server = await startEmbeddedEventStore({ dataDir: folder, port: 0 });
  relay = await LossyHttp2.open(server.port);
  const address = (port: number): string =>
    `esdb://127.0.0.1:${port}?tls=false&keepAliveInterval=${DEADLINE_MS}&keepAliveTimeout=${PATIENCE_MS}`;
  store = new EventStore({ connectionString: address(relay.port), deadlineMs: DEADLINE_MS });
  writer = new EventStore({ connectionString: address(server.port) });
  [written, reasons] = [0, []];
  store.stuck.onEnded((why) => reasons.push(why));
});

afterEach(async () => {
  await Promise.all([store.close(), writer.close()]);
  await relay.close();
  await server.close();
  await rm(folder, { recursive: true });
});

const write = async (): Promise<void> => {
  const events = Array.from({ length: COUNT }, () => newEvent(String(written++)));
  await writer.append(STREAM, events, 'any');
};

const numbers = (): number[] => Array.from({ length: written }, (_, number) => number);

const numberIn = ({ data }: { data: unknown }): number => Number((data as { body: string }).body);

/** Follows the stream in one of the ways in which the log is followed. Gives what has come so far. */
const WAYS: Readonly<Record<string, () => number[]>> = {
  'a subscription to some streams': () => {
    const got: number[] = [];
    const onEvent = (event: { data: unknown }): void => void got.push(numberIn(event));
    store.subscribeToAll({ from: 'start', streamPrefixes: [STREAM], onEvent });
    return got;
  },
  'a subscription to everything': () => {
    const got: number[] = [];
    store.subscribeToAll({
      from: 'start',
      onEvent: (event) => {
        if (event.stream === STREAM) got.push(numberIn(event));
      },
    });
    return got;
  },
  'the feed': () => {
    const got: number[] = [];
    const feed = new LogFeed(store);
    feed.listen({ prefixes: ['messages-'], onEvent: (event) => void got.push(numberIn(event)) });
    feed.start('start');
    return got;
  },
};

const untilAllHaveCome = async (got: readonly number[]): Promise<void> => {
  await waitFor('all events', () => got.length >= written, PATIENCE_MS);
  expect(got).toEqual(numbers());
};

describe.each(Object.entries(WAYS))(
  '%s that gets nothing more although its connection lives',
  (_, follow) => {
    it('is opened again, and brings everything once', async () => {
      await write(); // a subscription that finds the log empty begins twice
      const got = follow();
      await untilAllHaveCome(got);
      for (let round = 1; round <= 2; round += 1) {
        relay.loseCallsSoFar();
        await write();
        await untilAllHaveCome(got);
        expect(reasons).toHaveLength(round);
      }
      expect(relay.connections).toBe(1);
    });
  },
);

it('A read that follows is ended with an error, so that its reader can begin again', async () => {
  const got: number[] = [];
  const follow = async (): Promise<void> => {
    const read = { direction: 'forwards', from: 'start', follow: true } as const;
    for await (const batch of store.readStored({ ...read, filter: { streams: [STREAM] } }))
      for (const { data } of batch) got.push(numberIn({ data: JSON.parse(data.toString()) }));
  };
  const ended = follow().catch((error: unknown) => error);
  await write();
  await untilAllHaveCome(got);
  relay.loseCallsSoFar();
  await write();
  expect(await ended).toEqual(new StoreUnavailable(reasons[0]));
});

it('A subscription that is level is left alone, although others write', async () => {
  const got = WAYS['a subscription to some streams']!();
  await write();
  await untilAllHaveCome(got);
  const until = performance.now() + 4 * DEADLINE_MS; // only waiting can show that nothing happens
  await waitFor('some looks', async () => {
    await writer.append('other-a', [newEvent('x')], 'any');
    return performance.now() > until;
  });
  expect([reasons, relay.connections]).toEqual([[], 1]);
});

describe('a connection that answers pings and brings nothing', () => {
  it('is replaced: reads, appends and subscriptions go on over another one, and it is closed', async () => {
    const got = WAYS['a subscription to some streams']!();
    await write();
    await untilAllHaveCome(got);
    await store.append('other-a', [newEvent('x')], 'any');
    relay.loseConnections();
    await write();
    const tried = [store.append('other-a', [newEvent('y')], 'any'), store.readAll({ limit: 1 }).next()].map(
      (attempt) => attempt.then(() => 'done').catch((error: unknown) => (error as Error).constructor),
    );
    expect(await Promise.all(tried)).toEqual([StoreUnavailable, StoreUnavailable]);
    await store.append('other-a', [newEvent('z')], 'any');
    await untilAllHaveCome(got);
    await waitFor('the old connection to be closed', () => relay.openConnections === 1, PATIENCE_MS);
    expect(relay.connections).toBe(2);
  });
});
