import {
  ANY,
  BACKWARDS,
  END,
  NO_STREAM,
  StreamNotFoundError,
  WrongExpectedVersionError,
  jsonEvent,
  type StreamMetadata,
} from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { behaviour, clients, clientTest, core, docs } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { collect, event, events, failure, numbers, revisions, streamName } from './support/streams.js';

const client = connect();
const METADATA = docs('server/features/streams.md', 'stream metadata');
const INDEX = core('Services/Storage/ReaderIndex/IndexReader.cs', 'ReadStreamEventsForward');
const PARSE = core('Data/StreamMetadata.cs', 'FromJsonReader');

/** Makes a stream of ten events with this metadata, and resolves with which of them can still be read. */
const readableWith = async (metadata: StreamMetadata): Promise<{ stream: string; left: number[] }> => {
  const stream = streamName();
  await client.appendToStream(stream, events(10));
  await client.setStreamMetadata(stream, metadata);
  return { stream, left: numbers(await collect(client.readStream(stream))) };
};
const from = (first: number): number[] => Array.from({ length: 10 - first }, (_, i) => first + i);

describe('metadata of a stream', () => {
  behaviour('comes back as it was set', clientTest('streams/setStreamMetadata.test.ts'), async () => {
    const stream = streamName();
    const metadata = {
      maxCount: 5,
      maxAge: 3600,
      truncateBefore: 2,
      cacheControl: 60,
      acl: { readRoles: ['ops', 'dev'], writeRoles: ['ops'], metaReadRoles: ['$all'] },
      mine: { any: ['thing'] },
    };
    await client.setStreamMetadata(stream, metadata);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual(metadata);
  });

  behaviour('is empty where none was set', clientTest('streams/getStreamMetadata.test.ts'), async () => {
    const stream = streamName();
    await client.appendToStream(stream, event());
    expect((await client.getStreamMetadata(stream)).metadata).toBeUndefined();
  });

  behaviour('may be set before the stream exists', METADATA, async () => {
    const stream = streamName();
    await client.setStreamMetadata(stream, { maxCount: 2 });
    expect(await failure(collect(client.readStream(stream)))).toBeInstanceOf(StreamNotFoundError);
    await client.appendToStream(stream, events(10));
    expect(numbers(await collect(client.readStream(stream)))).toEqual([8, 9]);
  });

  behaviour('replaces what was set before', METADATA, async () => {
    const stream = streamName();
    await client.setStreamMetadata(stream, { maxCount: 2, mine: 1 });
    await client.setStreamMetadata(stream, { maxAge: 9 });
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxAge: 9 });
  });

  behaviour(
    'has its own revisions, which writers may expect',
    clients('appending-events: handling concurrency'),
    async () => {
      const stream = streamName();
      await client.setStreamMetadata(stream, { mine: 1 }, { expectedRevision: NO_STREAM });
      await client.setStreamMetadata(stream, { mine: 2 }, { expectedRevision: 0n });
      const refused = client.setStreamMetadata(stream, { mine: 3 }, { expectedRevision: 0n });
      expect(await failure(refused)).toBeInstanceOf(WrongExpectedVersionError);
      expect((await client.getStreamMetadata(stream)).metadata).toEqual({ mine: 2 });
    },
  );

  behaviour(
    'is the newest event of its stream, and only that one can be read',
    core('Services/Storage/ReaderIndex/IndexReader.cs', '_metastreamMetadata'),
    async () => {
      const stream = streamName();
      await client.setStreamMetadata(stream, { mine: 1 });
      await client.setStreamMetadata(stream, { mine: 2 });
      const read = await collect(client.readStream(`$$${stream}`));
      expect(revisions(read)).toEqual([1n]);
      expect(read[0]!.event).toMatchObject({ type: '$metadata', data: { mine: 2 }, isJson: true });
    },
  );

  behaviour('does not change the revision of the stream', METADATA, async () => {
    const { stream } = await readableWith({ maxCount: 5 });
    const { nextExpectedRevision } = await client.appendToStream(stream, event(), { expectedRevision: 9n });
    expect(nextExpectedRevision).toBe(10n);
  });
});

describe('of ten events can be read', () => {
  const cases: [string, StreamMetadata, number[]][] = [
    ['the newest by $maxCount', { maxCount: 3 }, from(7)],
    ['all by a larger $maxCount', { maxCount: 100 }, from(0)],
    ['those from $tb on', { truncateBefore: 6 }, from(6)],
    ['all by a $tb of 0', { truncateBefore: 0 }, from(0)],
    ['none by a $tb beyond the end', { truncateBefore: 50 }, []],
    ['what both $maxCount and $tb leave', { maxCount: 5, truncateBefore: 8 }, from(8)],
    ['what both leave, the other way round', { maxCount: 2, truncateBefore: 5 }, from(8)],
    ['all that are young enough by $maxAge', { maxAge: 3600 }, from(0)],
  ];
  for (const [title, metadata, expected] of cases)
    behaviour(title, INDEX, async () => {
      expect((await readableWith(metadata)).left).toEqual(expected);
    });

  behaviour('none that is older than $maxAge seconds', INDEX, async () => {
    const { stream } = await readableWith({ maxAge: 1 });
    await expect.poll(() => collect(client.readStream(stream)), { timeout: 10_000 }).toEqual([]);
    await client.appendToStream(stream, event(10));
    expect(numbers(await collect(client.readStream(stream)))).toEqual([10]);
  });

  behaviour(
    'the same backwards',
    core('Services/Storage/ReaderIndex/IndexReader.cs', 'ReadStreamEventsBackward'),
    async () => {
      const { stream } = await readableWith({ truncateBefore: 8 });
      const backwards = client.readStream(stream, { direction: BACKWARDS, fromRevision: END });
      expect(numbers(await collect(backwards))).toEqual([9, 8]);
    },
  );

  behaviour('as many as asked for, from the first that remains', INDEX, async () => {
    const { stream } = await readableWith({ truncateBefore: 4 });
    expect(numbers(await collect(client.readStream(stream, { maxCount: 2 })))).toEqual([4, 5]);
  });

  behaviour('more again when retention is lifted before a scavenge', METADATA, async () => {
    const { stream, left } = await readableWith({ maxCount: 1 });
    expect(left).toEqual([9]);
    await client.setStreamMetadata(stream, {});
    expect(numbers(await collect(client.readStream(stream)))).toEqual(from(0));
  });

  behaviour('all of them in $all', METADATA, async () => {
    const stream = streamName();
    const { position } = await client.appendToStream(stream, event(0));
    await client.setStreamMetadata(stream, { truncateBefore: 1 });
    const [first] = await collect(client.readAll({ fromPosition: position!, maxCount: 1 }));
    expect(first!.event!.streamId).toBe(stream);
  });
});

/** The same with metadata that the client would not set. */
const readableWithRaw = async (data: Record<string, unknown>): Promise<number[]> => {
  const stream = streamName();
  await client.appendToStream(stream, events(10));
  await client.appendToStream(`$$${stream}`, jsonEvent({ type: '$metadata', data }), {
    expectedRevision: ANY,
  });
  return numbers(await collect(client.readStream(stream)));
};

describe('metadata that the server cannot parse', () => {
  behaviour('hides nothing where a number is text', PARSE, async () => {
    expect(await readableWithRaw({ $maxCount: '3', $tb: 5 })).toEqual(from(0));
  });
  behaviour('hides nothing where a number is not whole', PARSE, async () => {
    expect(await readableWithRaw({ $maxCount: 2.5 })).toEqual(from(0));
  });
  behaviour('keeps its other settings where a number is too small', PARSE, async () => {
    expect(await readableWithRaw({ $maxCount: 0, $tb: 5 })).toEqual(from(5));
  });
  behaviour('hides nothing where a number is beyond 64 bits', PARSE, async () => {
    expect(await readableWithRaw({ $tb: 2 ** 64 })).toEqual(from(0));
  });
});

const acl = (role: string) => ({ $r: role, $w: role, $d: role, $mr: role, $mw: role });

behaviour(
  'System settings are events of $settings',
  docs('server/security/user-authorization.md', 'default ACL'),
  async () => {
    // These are the settings of a new server, so that this changes nothing on any server.
    const data = { $userStreamAcl: acl('$all'), $systemStreamAcl: acl('$admins') };
    await client.appendToStream('$settings', jsonEvent({ type: '$settings', data }));
    const read = client.readStream('$settings', { direction: BACKWARDS, fromRevision: END, maxCount: 1 });
    expect((await collect(read))[0]!.event).toMatchObject({ type: '$settings', data });
  },
);
