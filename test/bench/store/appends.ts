import { jsonEvent, type EventData, type EventStoreDBClient } from '@eventstore/db-client';
import { open } from 'lmdb';

export type Load = Readonly<{ inFlight: number; batch: number; seconds: number; bytes: number }>;

/** In milliseconds. Long, because with 500,000 events in flight an answer takes its time. */
const DEADLINE = 120_000;

const batchOf = (count: number, bytes: number): EventData[] =>
  Array.from({ length: count }, () =>
    jsonEvent({ type: 'Measured', data: { text: 'x'.repeat(Math.max(1, bytes - 11)) } }),
  );

/** Runs this many loops in parallel until the seconds are over. Resolves with the units done per second. */
const rate = async (
  { inFlight, batch, seconds }: Load,
  once: (lane: number) => Promise<unknown>,
): Promise<number> => {
  const until = performance.now() + seconds * 1000;
  const began = performance.now();
  let done = 0;
  const lane = async (_: unknown, index: number): Promise<void> => {
    while (performance.now() < until) {
      await once(index);
      done += batch;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return done / ((performance.now() - began) / 1000);
};

/**
 * Resolves with how many events per second are appended and acknowledged by EventStoreDB's client. Each lane has its
 * own stream.
 */
export const appendRate = (client: EventStoreDBClient, load: Load, run: string): Promise<number> =>
  rate(load, (lane) =>
    client.appendToStream(`bench-${run}-${lane}`, batchOf(load.batch, load.bytes), { deadline: DEADLINE }),
  );

/** Resolves with how many entries per second LMDB alone puts and syncs, in the same commits. */
export const lmdbRate = async (file: string, load: Load): Promise<number> => {
  const database = open<Buffer, number>({ path: file, encoding: 'binary' });
  const value = Buffer.alloc(load.bytes, 'x');
  let key = 0;
  const commit = async (): Promise<void> => {
    await database.batch(() => {
      for (let i = 0; i < load.batch; i += 1) void database.put((key += 1), value);
    });
    await database.flushed;
  };
  const result = await rate(load, commit);
  await database.close();
  return result;
};

/** Appends this many events as fast as the client can. */
export const fill = async (client: EventStoreDBClient, count: number, bytes: number): Promise<void> => {
  let left = count;
  const lane = async (_: unknown, index: number): Promise<void> => {
    while (left > 0) {
      const size = Math.min(500, left);
      left -= size;
      await client.appendToStream(`fill-${index}`, batchOf(size, bytes), { deadline: DEADLINE });
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
};
