import {
  ANY,
  NO_STREAM,
  STREAM_EXISTS,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
} from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { behaviour, core } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { event, events, failure, streamName } from './support/streams.js';

const client = connect();
const CHECK = core('Services/Storage/ReaderIndex/IndexWriter.cs', 'CheckCommit');
const ANSWER = core('Services/Transport/Grpc/Streams.BatchAppend.cs', 'ConvertMessage');

/** A stream of so many events. */
const streamOf = async (count: number): Promise<string> => {
  const stream = streamName();
  if (count > 0) await client.appendToStream(stream, events(count));
  return stream;
};

describe('an append is taken', () => {
  const taken: [AppendExpectedRevision, number][] = [
    [ANY, 0],
    [NO_STREAM, 0],
    [ANY, 3],
    [STREAM_EXISTS, 3],
    [2n, 3],
  ];
  for (const [expectedRevision, count] of taken) {
    behaviour(`that expects ${expectedRevision} of a stream of ${count} events`, CHECK, async () => {
      const stream = await streamOf(count);
      const { success, nextExpectedRevision } = await client.appendToStream(stream, event(), {
        expectedRevision,
      });
      expect({ success, nextExpectedRevision }).toEqual({
        success: true,
        nextExpectedRevision: BigInt(count),
      });
    });
  }
});

describe('an append is refused, with the revision there is,', () => {
  const refused: [AppendExpectedRevision, number, bigint | typeof NO_STREAM][] = [
    [NO_STREAM, 3, 2n],
    [1n, 3, 2n],
    [3n, 3, 2n],
    [STREAM_EXISTS, 0, NO_STREAM],
    [0n, 0, NO_STREAM],
  ];
  for (const [expectedVersion, count, actualVersion] of refused) {
    behaviour(`that expects ${expectedVersion} of a stream of ${count} events`, ANSWER, async () => {
      const stream = await streamOf(count);
      const error = await failure(
        client.appendToStream(stream, event(), { expectedRevision: expectedVersion }),
      );
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({ streamName: stream, expectedVersion, actualVersion });
    });
  }
});
