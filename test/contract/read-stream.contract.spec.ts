import {
  BACKWARDS,
  END,
  FORWARDS,
  START,
  StreamNotFoundError,
  UnknownError,
  type ReadStreamOptions,
} from '@eventstore/db-client';
import { beforeAll, describe, expect } from 'vitest';
import { behaviour, clients, core } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { collect, event, events, failure, numbers, revisions, streamName } from './support/streams.js';

const client = connect();
const READING = clients('reading-events: reading from a stream');
const INDEX = core('Services/Storage/ReaderIndex/IndexReader.cs', 'ReadStreamEvents');

describe('a stream of ten events, read', () => {
  const stream = streamName();
  beforeAll(async () => {
    for (let first = 0; first < 10; first += 5) {
      await client.appendToStream(stream, events(5, first));
      await client.appendToStream(streamName('between'), events(2));
    }
  });

  const reads: [string, ReadStreamOptions, number[]][] = [
    ['with no options', {}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['forwards from the start', { fromRevision: START }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['forwards from a revision', { fromRevision: 8n }, [8, 9]],
    ['forwards from the last revision', { fromRevision: 9n }, [9]],
    ['forwards, a part of it', { fromRevision: 3n, maxCount: 4 }, [3, 4, 5, 6]],
    ['forwards, more than there is', { fromRevision: 8n, maxCount: 100 }, [8, 9]],
    ['forwards from just beyond its end', { fromRevision: 10n }, []],
    ['forwards from far beyond its end', { fromRevision: 1000n }, []],
    ['backwards from the end', { direction: BACKWARDS, fromRevision: END }, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
    ['backwards, the last of it', { direction: BACKWARDS, fromRevision: END, maxCount: 1 }, [9]],
    ['backwards from a revision', { direction: BACKWARDS, fromRevision: 2n }, [2, 1, 0]],
    ['backwards, a part of it', { direction: BACKWARDS, fromRevision: 6n, maxCount: 2 }, [6, 5]],
    ['backwards from the start', { direction: BACKWARDS, fromRevision: START }, [0]],
    ['backwards from beyond its end', { direction: BACKWARDS, fromRevision: 1000n, maxCount: 2 }, [9, 8]],
  ];
  for (const [title, options, expected] of reads)
    behaviour(title, READING, async () => {
      expect(numbers(await collect(client.readStream(stream, options)))).toEqual(expected);
    });

  behaviour('has consecutive revisions from 0', INDEX, async () => {
    expect(revisions(await collect(client.readStream(stream)))).toEqual(
      Array.from({ length: 10 }, (_, i) => BigInt(i)),
    );
  });

  behaviour(
    'gives the position of each event in $all',
    core('Data/ResolvedEvent.cs', 'CalculatePosition'),
    async () => {
      const [resolved] = await collect(client.readStream(stream, { fromRevision: 6n, maxCount: 1 }));
      const { position } = resolved!.event!;
      expect(resolved!.commitPosition).toBe(position!.commit);
      const [inAll] = await collect(client.readAll({ fromPosition: position!, maxCount: 1 }));
      expect(inAll!.event!.id).toBe(resolved!.event!.id);
    },
  );

  behaviour('forwards from the end fails', INDEX, async () => {
    const read = client.readStream(stream, { direction: FORWARDS, fromRevision: END });
    expect(await failure(collect(read))).toBeInstanceOf(UnknownError);
  });

  behaviour('with a count of zero fails', INDEX, async () => {
    expect(await failure(collect(client.readStream(stream, { maxCount: 0 })))).toBeInstanceOf(UnknownError);
  });
});

behaviour(
  'A stream that was never written is not found',
  clients('reading-events: checking if the stream exists'),
  async () => {
    const stream = streamName();
    for (const direction of [FORWARDS, BACKWARDS] as const) {
      const error = await failure(collect(client.readStream(stream, { direction, fromRevision: START })));
      expect(error).toBeInstanceOf(StreamNotFoundError);
      expect(error).toMatchObject({ streamName: stream });
    }
  },
);

behaviour('A long stream is read without a gap, both ways', READING, async () => {
  const stream = streamName();
  for (let first = 0; first < 1000; first += 250) await client.appendToStream(stream, events(250, first));
  const all = Array.from({ length: 1000 }, (_, i) => i);
  expect(numbers(await collect(client.readStream(stream)))).toEqual(all);
  const backwards = client.readStream(stream, { direction: BACKWARDS, fromRevision: END });
  expect(numbers(await collect(backwards))).toEqual(all.toReversed());
});

behaviour('An append can be read as soon as it is answered', clients('appending-events'), async () => {
  const stream = streamName();
  for (let i = 0; i < 20; i += 1) {
    await client.appendToStream(stream, event(i));
    const read = client.readStream(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 1 });
    expect(numbers(await collect(read))).toEqual([i]);
  }
});

behaviour(
  'A read that is cancelled stops, and the connection goes on',
  clients('reading-events: reading from a stream'),
  async () => {
    const stream = streamName();
    await client.appendToStream(stream, events(500));
    const read = client.readStream(stream);
    expect((await read[Symbol.asyncIterator]().next()).done).toBe(false);
    await read.cancel();
    expect(await collect(client.readStream(stream, { maxCount: 3 }))).toHaveLength(3);
  },
);
