import {
  ANY,
  NO_STREAM,
  STREAM_EXISTS,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
} from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { appendWays } from './support/append-ways.js';
import { behaviour, clients, clientTest, core } from './support/behaviour.js';
import { connect, connectWith } from './support/connect.js';
import { event, events, failure, streamName } from './support/streams.js';

const client = connect();
const CHECK = core('Services/Storage/ReaderIndex/IndexWriter.cs', 'CheckCommit');

/** A stream of so many events. */
const streamOf = async (count: number): Promise<string> => {
  const stream = streamName();
  if (count > 0) await client.appendToStream(stream, events(count));
  return stream;
};

describe.each(appendWays())('%s takes', (_way, options) => {
  const taken: [AppendExpectedRevision, number][] = [
    [ANY, 0],
    [NO_STREAM, 0],
    [ANY, 3],
    [STREAM_EXISTS, 3],
    [2n, 3],
  ];
  for (const [expectedRevision, count] of taken) {
    behaviour(`events that expect ${expectedRevision} of a stream of ${count}`, CHECK, async () => {
      const stream = await streamOf(count);
      const result = await client.appendToStream(stream, event(), { expectedRevision, ...options });
      expect(result).toMatchObject({ success: true, nextExpectedRevision: BigInt(count) });
    });
  }
});

describe.each(appendWays())('%s refuses, with the revision there is,', (_way, options) => {
  const refused: [AppendExpectedRevision, number, bigint | typeof NO_STREAM][] = [
    [NO_STREAM, 3, 2n],
    [1n, 3, 2n],
    [3n, 3, 2n],
    [STREAM_EXISTS, 0, NO_STREAM],
    [0n, 0, NO_STREAM],
  ];
  for (const [expectedVersion, count, actualVersion] of refused) {
    behaviour(`events that expect ${expectedVersion} of a stream of ${count}`, CHECK, async () => {
      const stream = await streamOf(count);
      const append = client.appendToStream(stream, event(), {
        expectedRevision: expectedVersion,
        ...options,
      });
      const error = await failure(append);
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({ streamName: stream, expectedVersion, actualVersion });
    });
  }
});

describe('of appends that race', () => {
  behaviour(
    'for the same revision exactly one is taken',
    clients('appending-events: handling concurrency'),
    async () => {
      const stream = await streamOf(1);
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) =>
          client.appendToStream(stream, event(i), { expectedRevision: 0n }),
        ),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    },
  );

  behaviour(
    'that expect anything all are taken, each at a revision of its own',
    clients('appending-events: any'),
    async () => {
      const stream = streamName();
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => client.appendToStream(stream, event(i))),
      );
      const taken = results.map(({ nextExpectedRevision }) => Number(nextExpectedRevision));
      expect(taken.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    },
  );
});

behaviour(
  'A client that asks not to be thrown at is answered without success',
  clientTest('streams/appendToStream.test.ts: throwOnAppendFailure'),
  async () => {
    const stream = await streamOf(2);
    const mild = connectWith('throwOnAppendFailure=false');
    const { success } = await mild.appendToStream(stream, event(), { expectedRevision: NO_STREAM });
    expect(success).toBe(false);
  },
);
