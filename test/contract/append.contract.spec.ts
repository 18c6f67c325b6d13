import { randomBytes, randomUUID } from 'node:crypto';
import {
  ANY,
  BACKWARDS,
  DeadlineExceededError,
  END,
  MaxAppendSizeExceededError,
  StreamNotFoundError,
  UnknownError,
  binaryEvent,
  jsonEvent,
  type EventData,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { appendWays } from './support/append-ways.js';
import { behaviour, clients, clientTest, core, docs } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { isBefore } from './support/version.js';
import { collect, event, events, failure, numbers, revisions, streamName } from './support/streams.js';

const client = connect();
const BATCH = core('Services/Transport/Grpc/Streams.BatchAppend.cs', 'ConvertMessage');
const SIZE = core('Data/Event.cs', 'SizeOnDisk');
const MiB = 1024 * 1024;
/** Before 24.10.4, the server counts neither types nor metadata. */
const countsDataAlone = (): boolean => isBefore('24.10.4');
const half = (): EventData =>
  binaryEvent({ type: 'T', data: Buffer.alloc(MiB / 2), metadata: Buffer.alloc(100) });

/** Appends an event and returns it as it comes back. */
const roundTrip = async (data: EventData): Promise<NonNullable<ResolvedEvent['event']>> => {
  const stream = streamName();
  await client.appendToStream(stream, data);
  const [resolved] = await collect(client.readStream(stream));
  return resolved!.event!;
};

// No case appends to the stream `$$`: 23.10 takes it for a disk failure and ends.
describe.each(appendWays())('%s', (_way, options) => {
  behaviour('answers the last revision and a position in the log', BATCH, async () => {
    const stream = streamName();
    const first = await client.appendToStream(stream, events(3), options);
    const second = await client.appendToStream(stream, events(2), options);
    expect([first.nextExpectedRevision, second.nextExpectedRevision]).toEqual([2n, 4n]);
    expect(second.position!.commit).toBeGreaterThan(first.position!.commit);
  });

  behaviour('answers the position of the last event, as $all gives it', BATCH, async () => {
    const stream = streamName();
    const { position } = await client.appendToStream(stream, events(3), options);
    const read = client.readStream(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 1 });
    const [last] = await collect(read);
    expect(last!.event!.position).toEqual(position);
  });

  behaviour(
    'keeps all events of an append together and in order',
    docs('server/features/streams.md', 'append'),
    async () => {
      const stream = streamName();
      await Promise.all([0, 100, 200].map((n) => client.appendToStream(stream, events(10, n), options)));
      const stored = numbers(await collect(client.readStream(stream)));
      expect(stored).toHaveLength(30);
      for (const first of [0, 100, 200])
        expect(stored.slice(stored.indexOf(first), stored.indexOf(first) + 10)).toEqual(
          Array.from({ length: 10 }, (_, i) => first + i),
        );
    },
  );

  behaviour('stores nothing and makes no stream for an append without events', BATCH, async () => {
    const stream = streamName();
    expect(await client.appendToStream(stream, [], options)).toMatchObject({ success: true });
    expect(await failure(collect(client.readStream(stream)))).toBeInstanceOf(StreamNotFoundError);
  });

  behaviour('stores two events of one append that have the same id', BATCH, async () => {
    const stream = streamName();
    const id = randomUUID();
    await client.appendToStream(stream, [event(1, 'Counted', id), event(2, 'Counted', id)], options);
    expect(numbers(await collect(client.readStream(stream)))).toEqual([1, 2]);
  });

  behaviour('accepts an append of 1 MiB, counting types twice', SIZE, async () => {
    const stream = streamName();
    const largest = binaryEvent({ type: 'T', data: Buffer.alloc(MiB - 2) });
    expect(await client.appendToStream(stream, largest, options)).toMatchObject({ success: true });
  });

  behaviour('refuses one byte more and names the limit', SIZE, async () => {
    const larger = binaryEvent({ type: 'T', data: Buffer.alloc(MiB - 1) });
    if (countsDataAlone())
      return expect(await client.appendToStream(streamName(), larger, options)).toMatchObject({
        success: true,
      });
    const error = await failure(client.appendToStream(streamName(), larger, options));
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    expect(error).toMatchObject({ maxAppendSize: MiB });
  });

  behaviour('counts the events of an append together, metadata too, and stores none', SIZE, async () => {
    const stream = streamName();
    if (countsDataAlone())
      return expect(await client.appendToStream(stream, [half(), half()], options)).toMatchObject({
        success: true,
      });
    expect(await failure(client.appendToStream(stream, [half(), half()], options))).toBeInstanceOf(
      MaxAppendSizeExceededError,
    );
    expect(await failure(collect(client.readStream(stream)))).toBeInstanceOf(StreamNotFoundError);
  });
});

describe('an event comes back with', () => {
  behaviour('JSON as it was', clients('appending-events'), async () => {
    const data = { text: '\u0000\u{1F9D1}‍🚀 <script>', number: 1.5, nested: [{ deep: null }] };
    expect(await roundTrip(jsonEvent({ type: 'Any', data }))).toMatchObject({ data, isJson: true });
  });

  behaviour('bytes as they were', clientTest('streams/appendToStream.test.ts: binary events'), async () => {
    const data = randomBytes(1000);
    const { data: stored, isJson } = await roundTrip(binaryEvent({ type: 'Any', data }));
    expect([Buffer.from(stored as Uint8Array).equals(data), isJson]).toEqual([true, false]);
  });

  behaviour('metadata as it was', clientTest('streams/appendToStream.test.ts: metadata'), async () => {
    const metadata = { $correlationId: randomUUID(), ü: [1, 2] };
    const stored = await roundTrip(jsonEvent({ type: 'Any', data: {}, metadata }));
    expect(stored.metadata).toEqual(metadata);
  });

  behaviour(
    'no metadata where there was none',
    clientTest('streams/appendToStream.test.ts: undefined'),
    async () => {
      expect((await roundTrip(jsonEvent({ type: 'Any', data: {} }))).metadata).toBeUndefined();
    },
  );

  behaviour('its id and type', clients('appending-events'), async () => {
    const id = randomUUID();
    expect(await roundTrip(event(1, 'Größe 🙂', id))).toMatchObject({ id, type: 'Größe 🙂' });
  });

  behaviour(
    'the time at which the server accepted it',
    docs('server/features/streams.md', 'event metadata'),
    async () => {
      const { created } = await roundTrip(event());
      expect(Math.abs(Date.now() - created.getTime())).toBeLessThan(60_000);
    },
  );

  behaviour('the name of its stream, whatever it is', clients('appending-events'), async () => {
    for (const stream of [streamName('größe/🙂 x'), streamName('a@b'), streamName('$mine')]) {
      await client.appendToStream(stream, event());
      const [resolved] = await collect(client.readStream(stream));
      expect(resolved!.event!.streamId).toBe(stream);
    }
  });
});

behaviour('Stream names are case-sensitive', clients('appending-events'), async () => {
  const stream = streamName('case');
  await client.appendToStream(stream, event(1));
  await client.appendToStream(stream.toUpperCase(), event(2));
  expect(numbers(await collect(client.readStream(stream)))).toEqual([1]);
});

behaviour(
  'An append may come in several messages',
  core('Services/Transport/Grpc/Streams.BatchAppend.cs', 'IsFinal'),
  async () => {
    const stream = streamName();
    const { nextExpectedRevision } = await client.appendToStream(stream, events(50), {
      batchAppendSize: 1000,
    });
    expect(nextExpectedRevision).toBe(49n);
    expect(revisions(await collect(client.readStream(stream)))).toEqual(
      Array.from({ length: 50 }, (_, i) => BigInt(i)),
    );
  },
);

behaviour(
  'An append whose deadline has passed is not accepted',
  core('Services/Transport/Grpc/Streams.BatchAppend.cs', 'timeout'),
  async () => {
    const stream = streamName();
    const append = client.appendToStream(stream, event(), { expectedRevision: ANY, deadline: -5000 });
    expect(await failure(append)).toBeInstanceOf(DeadlineExceededError);
    expect(await failure(collect(client.readStream(stream)))).toBeInstanceOf(StreamNotFoundError);
  },
);

behaviour(
  'Many appends may be under way at once on one connection',
  clientTest('streams/appendToStream-batch-append-flood.test.ts'),
  async () => {
    const stream = streamName();
    const appends = Array.from({ length: 500 }, (_, i) => client.appendToStream(stream, event(i)));
    const results = await Promise.all(appends);
    expect(new Set(results.map(({ nextExpectedRevision }) => nextExpectedRevision)).size).toBe(500);
    expect(numbers(await collect(client.readStream(stream)))).toEqual(
      Array.from({ length: 500 }, (_, i) => i),
    );
  },
);

behaviour('An event without a type fails its append', core('Data/Event.cs', 'constructor'), async () => {
  // This uses Append. The real server answers BatchAppend twice, which the client does not survive.
  const [, options] = appendWays()[1]!;
  const error = await failure(client.appendToStream(streamName(), event(0, ''), options));
  expect(error).toBeInstanceOf(UnknownError);
});
