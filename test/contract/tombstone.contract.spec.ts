import {
  ANY,
  BACKWARDS,
  END,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  WrongExpectedVersionError,
  type ExpectedRevision,
} from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { appendWays } from './support/append-ways.js';
import { behaviour, clientTest, core, docs } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { collect, event, events, failure, streamName } from './support/streams.js';

const client = connect();
const HARD = docs('server/features/streams.md', 'hard delete');
const CHECK = core('Services/Storage/ReaderIndex/IndexWriter.cs', 'CheckCommit');
const READ = core('Services/Storage/ReaderIndex/IndexReader.cs', 'StreamDeleted');

const streamOf = async (count: number): Promise<string> => {
  const stream = streamName();
  if (count > 0) await client.appendToStream(stream, events(count));
  return stream;
};
const tombstoned = async (count: number): Promise<string> => {
  const stream = await streamOf(count);
  await client.tombstoneStream(stream);
  return stream;
};

describe('a stream can be deleted for good', () => {
  const taken: [ExpectedRevision, number][] = [
    [ANY, 3],
    [2n, 3],
    [ANY, 0],
    [NO_STREAM, 0],
  ];
  for (const [expectedRevision, count] of taken)
    behaviour(
      `when ${expectedRevision} is expected of ${count} events`,
      clientTest('streams/tombstoneStream.test.ts'),
      async () => {
        const stream = await streamOf(count);
        const { position } = await client.tombstoneStream(stream, { expectedRevision });
        expect(position!.commit).toBeGreaterThan(0n);
        expect(await failure(collect(client.readStream(stream)))).toBeInstanceOf(StreamDeletedError);
      },
    );

  const refused: [ExpectedRevision, number][] = [
    [NO_STREAM, 3],
    [1n, 3],
  ];
  for (const [expectedRevision, count] of refused)
    behaviour(`but not when ${expectedRevision} is expected of ${count} events`, CHECK, async () => {
      const stream = await streamOf(count);
      const error = await failure(client.tombstoneStream(stream, { expectedRevision }));
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({ actualVersion: BigInt(count - 1) });
    });

  behaviour('after it was deleted softly', HARD, async () => {
    const stream = await streamOf(1);
    await client.deleteStream(stream);
    await client.tombstoneStream(stream);
    expect(await failure(collect(client.readStream(stream)))).toBeInstanceOf(StreamDeletedError);
  });
});

describe('a stream that was deleted for good', () => {
  behaviour('gives readers in both directions an error with its name', READ, async () => {
    const stream = await tombstoned(2);
    for (const options of [{}, { direction: BACKWARDS, fromRevision: END }] as const)
      expect(await failure(collect(client.readStream(stream, options)))).toMatchObject({
        type: 'stream-deleted',
        streamName: stream,
      });
  });

  for (const [way, index] of [
    ['BatchAppend', 0],
    ['Append', 1],
  ] as const)
    for (const expectedRevision of [ANY, NO_STREAM, STREAM_EXISTS, 1n] as const)
      behaviour(`accepts nothing by ${way} whatever is expected: ${expectedRevision}`, HARD, async () => {
        const stream = await tombstoned(2);
        const options = { expectedRevision, ...appendWays()[index]![1] };
        const error = await failure(client.appendToStream(stream, event(), options));
        expect(error).toBeInstanceOf(StreamDeletedError);
        expect(error).toMatchObject({ streamName: stream });
      });

  behaviour('cannot be deleted again', CHECK, async () => {
    const stream = await tombstoned(1);
    expect(await failure(client.deleteStream(stream))).toBeInstanceOf(StreamDeletedError);
    expect(await failure(client.tombstoneStream(stream))).toBeInstanceOf(StreamDeletedError);
  });

  behaviour(
    'neither accepts nor has metadata',
    core('Services/Storage/ReaderIndex/IndexReader.cs', 'GetStreamLastEventNumber'),
    async () => {
      const stream = await tombstoned(1);
      expect(await failure(client.setStreamMetadata(stream, { maxCount: 1 }))).toBeInstanceOf(
        StreamDeletedError,
      );
      expect(await failure(client.getStreamMetadata(stream))).toBeInstanceOf(StreamDeletedError);
    },
  );

  behaviour('leaves its tombstone, with the largest revision, in $all', HARD, async () => {
    const stream = await streamOf(1);
    const { position } = await client.tombstoneStream(stream);
    const [resolved] = await collect(client.readAll({ fromPosition: position!, maxCount: 1 }));
    expect(resolved!.event).toMatchObject({
      streamId: stream,
      type: '$streamDeleted',
      revision: 2n ** 63n - 1n,
    });
  });
});
