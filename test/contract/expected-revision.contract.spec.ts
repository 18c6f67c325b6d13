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

/** Makes a stream of `count` events. */
const streamOf = async (count: number): Promise<string> => {
  const stream = streamName();
  if (count > 0) await client.appendToStream(stream, events(count));
  return stream;
};

describe.each(appendWays())('%s accepts', (_way, options) => {
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

describe.each(appendWays())('%s refuses, naming the current revision,', (_way, options) => {
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

describe('appends that race', () => {
  behaviour(
    'for the same revision: exactly one is accepted',
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
    'without an expected revision: all are accepted, each at its own revision',
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
  'A client that asks for no exception gets an answer without success',
  clientTest('streams/appendToStream.test.ts: throwOnAppendFailure'),
  async () => {
    const stream = await streamOf(2);
    const mild = connectWith('throwOnAppendFailure=false');
    const { success } = await mild.appendToStream(stream, event(), { expectedRevision: NO_STREAM });
    expect(success).toBe(false);
  },
);
