import {
  ANY,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type ExpectedRevision,
} from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { behaviour, clientTest, core, docs } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { collect, event, events, failure, numbers, revisions, streamName } from './support/streams.js';

const client = connect();
const SOFT = docs('server/features/streams.md', 'soft delete and TruncateBefore');
const WRITE = core('Services/Storage/StorageWriterService.cs', 'WriteDelete');
const UNDELETE = core('Services/Storage/StorageWriterService.cs', 'SoftUndeleteStream');
const CHECK = core('Services/Storage/ReaderIndex/IndexWriter.cs', 'CheckCommit');

const streamOf = async (count: number): Promise<string> => {
  const stream = streamName();
  if (count > 0) await client.appendToStream(stream, events(count));
  return stream;
};
const deleted = async (count: number): Promise<string> => {
  const stream = await streamOf(count);
  await client.deleteStream(stream);
  return stream;
};
const read = (stream: string) => collect(client.readStream(stream));

describe('a stream can be deleted', () => {
  for (const expectedRevision of [ANY, 2n] as const)
    behaviour(
      `when ${expectedRevision} is expected of three events`,
      clientTest('streams/deleteStream.test.ts'),
      async () => {
        const stream = await streamOf(3);
        const { position } = await client.deleteStream(stream, { expectedRevision });
        expect(position!.commit).toBeGreaterThan(0n);
        expect(await failure(read(stream))).toBeInstanceOf(StreamNotFoundError);
      },
    );

  const refused: [ExpectedRevision, number][] = [
    [NO_STREAM, 3],
    [1n, 3],
    [ANY, 0],
    [NO_STREAM, 0],
    [0n, 0],
  ];
  for (const [expectedRevision, count] of refused)
    behaviour(`but not when ${expectedRevision} is expected of ${count} events`, WRITE, async () => {
      const stream = await streamOf(count);
      const error = await failure(client.deleteStream(stream, { expectedRevision }));
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({ streamName: stream, actualVersion: BigInt(count - 1) });
    });

  behaviour('when it has metadata only', WRITE, async () => {
    const stream = streamName();
    await client.setStreamMetadata(stream, { maxCount: 5 });
    expect((await client.deleteStream(stream)).position).toBeDefined();
  });

  behaviour('twice', WRITE, async () => {
    const stream = await deleted(1);
    expect((await client.deleteStream(stream)).position).toBeDefined();
  });
});

describe('a deleted stream', () => {
  behaviour('has a $tb beyond all events as its metadata', SOFT, async () => {
    const stream = await deleted(2);
    const [resolved] = await read(`$$${stream}`);
    expect(resolved!.event).toMatchObject({ type: '$metadata', data: { $tb: Number(2n ** 63n - 1n) } });
  });

  behaviour('keeps its events in $all until it is scavenged', SOFT, async () => {
    const stream = streamName();
    const { position } = await client.appendToStream(stream, event(7));
    await client.deleteStream(stream);
    const [resolved] = await collect(client.readAll({ fromPosition: position!, maxCount: 1 }));
    expect(numbers([resolved!])).toEqual([7]);
  });

  for (const expectedRevision of [ANY, NO_STREAM, 2n] as const)
    behaviour(
      `can be written again when ${expectedRevision} is expected, and continues its revisions`,
      SOFT,
      async () => {
        const stream = await deleted(3);
        const { nextExpectedRevision } = await client.appendToStream(stream, events(2, 10), {
          expectedRevision,
        });
        expect(nextExpectedRevision).toBe(4n);
        expect(revisions(await read(stream))).toEqual([3n, 4n]);
      },
    );

  behaviour('cannot be written when it is expected to exist', CHECK, async () => {
    const stream = await deleted(3);
    const append = client.appendToStream(stream, event(), { expectedRevision: STREAM_EXISTS });
    expect(await failure(append)).toBeInstanceOf(StreamDeletedError);
  });

  behaviour('cannot be written at a revision other than its last', CHECK, async () => {
    const stream = await deleted(3);
    const append = client.appendToStream(stream, event(), { expectedRevision: 0n });
    expect(await failure(append)).toMatchObject({ type: 'wrong-expected-version', actualVersion: 2n });
  });

  behaviour('that is written again has a $tb that hides its earlier events', UNDELETE, async () => {
    const stream = await deleted(3);
    await client.appendToStream(stream, event());
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 3 });
  });

  behaviour('has lost its metadata', WRITE, async () => {
    const stream = await streamOf(1);
    await client.setStreamMetadata(stream, { maxCount: 5, mine: 1 });
    await client.deleteStream(stream);
    await client.appendToStream(stream, event());
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 1 });
  });

  behaviour('that gets metadata exists again, without its old events', UNDELETE, async () => {
    const stream = await deleted(2);
    await client.setStreamMetadata(stream, { mine: 1 });
    expect(await read(stream)).toEqual([]);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ mine: 1, truncateBefore: 2 });
  });

  behaviour('may be deleted again after it was written again', SOFT, async () => {
    const stream = await deleted(2);
    await client.appendToStream(stream, event());
    await client.deleteStream(stream);
    expect(await failure(read(stream))).toBeInstanceOf(StreamNotFoundError);
    const { nextExpectedRevision } = await client.appendToStream(stream, event());
    expect(nextExpectedRevision).toBe(3n);
  });
});
