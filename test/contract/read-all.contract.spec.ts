import {
  BACKWARDS,
  END,
  FORWARDS,
  START,
  UnknownError,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { beforeAll, describe, expect } from 'vitest';
import { behaviour, clients, core } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { collect, event, events, failure, numbers, streamName } from './support/streams.js';

const client = connect();
const READING = clients('reading-events: reading from the $all stream');
const ALL = core('Services/Storage/ReaderIndex/AllReader.cs', 'ReadAllEvents');

describe('$all', () => {
  const stream = streamName('all');
  const positions: Position[] = [];
  /** Returns the numbers of this stream's events only, because others write to the server, too. */
  const ours = (resolved: readonly ResolvedEvent[]): number[] =>
    numbers(resolved.filter(({ event: recorded }) => recorded!.streamId === stream));

  beforeAll(async () => {
    for (let i = 0; i < 4; i += 1) {
      positions.push((await client.appendToStream(stream, event(i))).position!);
      await client.appendToStream(streamName('between'), events(3));
    }
    await client.setStreamMetadata(stream, { maxCount: 100 });
  });

  behaviour('forwards begins with the event at a position', ALL, async () => {
    const read = await collect(client.readAll({ fromPosition: positions[1]! }));
    expect(read[0]!.event!.position).toEqual(positions[1]);
    expect(ours(read)).toEqual([1, 2, 3]);
  });

  behaviour('backwards begins with the event before a position', ALL, async () => {
    const pair = streamName('pair');
    const { position } = await client.appendToStream(pair, events(2));
    const read = client.readAll({ direction: BACKWARDS, fromPosition: position!, maxCount: 1 });
    const [before] = await collect(read);
    expect(before!.event).toMatchObject({ streamId: pair, revision: 0n });
  });

  behaviour(
    'from just before the event at a position includes it forwards',
    core('Data/TFPos.cs', 'comparison'),
    async () => {
      const fromPosition = { commit: positions[2]!.commit, prepare: 0n };
      const read = await collect(client.readAll({ fromPosition, maxCount: 1 }));
      expect(ours(read)).toEqual([2]);
    },
  );

  behaviour('has every event once, in the order of positions', READING, async () => {
    const read = await collect(client.readAll({ fromPosition: positions[0]! }));
    const order = read.map(({ commitPosition }) => commitPosition!);
    expect(order).toEqual(order.toSorted((a, b) => Number(a - b)));
    expect(new Set(order).size).toBe(order.length);
    expect(ours(read)).toEqual([0, 1, 2, 3]);
  });

  behaviour('is the same backwards', READING, async () => {
    const forwards = await collect(client.readAll({ fromPosition: positions[0]!, maxCount: 12 }));
    const next = await collect(
      client.readAll({ fromPosition: forwards.at(-1)!.event!.position!, maxCount: 2 }),
    );
    const backwards = client.readAll({
      direction: BACKWARDS,
      fromPosition: next[1]!.event!.position!,
      maxCount: 12,
    });
    expect(await collect(backwards)).toEqual(forwards.toReversed());
  });

  behaviour('gives as many events as asked for', READING, async () => {
    expect(await collect(client.readAll({ fromPosition: START, maxCount: 5 }))).toHaveLength(5);
  });

  behaviour('forwards from its end has nothing', READING, async () => {
    const { position } = await client.appendToStream(streamName(), event());
    const read = await collect(client.readAll({ direction: FORWARDS, fromPosition: END }));
    expect(read.filter(({ event: recorded }) => recorded!.position!.commit <= position!.commit)).toEqual([]);
  });

  behaviour('backwards from its start has nothing', READING, async () => {
    expect(await collect(client.readAll({ direction: BACKWARDS, fromPosition: START }))).toEqual([]);
  });

  behaviour('holds system events, too', READING, async () => {
    const read = await collect(client.readAll({ fromPosition: positions[3]! }));
    const metadata = read.find(({ event: recorded }) => recorded!.streamId === `$$${stream}`);
    expect(metadata!.event!.type).toBe('$metadata');
  });

  behaviour('gives the commit position of each event', READING, async () => {
    const read = await collect(client.readAll({ fromPosition: positions[0]!, maxCount: 5 }));
    for (const { commitPosition, event: recorded } of read)
      expect(recorded!.position).toEqual({ commit: commitPosition, prepare: commitPosition });
  });

  behaviour(
    'from a position where no event begins fails',
    core('Services/Storage/StorageReaderWorker.cs', 'InvalidPosition'),
    async () => {
      const { commit, prepare } = positions[1]!;
      const read = client.readAll({ fromPosition: { commit: commit + 1n, prepare: prepare + 1n } });
      expect(await failure(collect(read))).toBeInstanceOf(UnknownError);
    },
  );

  behaviour('from beyond its end has nothing', ALL, async () => {
    const beyond = positions[3]!.commit + 2n ** 40n;
    expect(await collect(client.readAll({ fromPosition: { commit: beyond, prepare: beyond } }))).toEqual([]);
  });
});
