import {
  ANY,
  NO_STREAM,
  STREAM_EXISTS,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
  type AppendResult,
  type EventData,
} from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { appendWays } from './support/append-ways.js';
import { behaviour, core, docs } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { collect, event, events, failure, numbers, streamName } from './support/streams.js';

const client = connect();
const CHECK = core('Services/Storage/ReaderIndex/IndexWriter.cs', 'CheckCommit');
const IDEMPOTENCE = docs('http-api/optional-http-headers.md', 'idempotency');

const numbersIn = async (stream: string): Promise<number[]> =>
  numbers(await collect(client.readStream(stream)));

describe.each(appendWays())('by %s', (_way, options) => {
  const append = (
    stream: string,
    appended: EventData[],
    expectedRevision: AppendExpectedRevision,
  ): Promise<AppendResult> => client.appendToStream(stream, appended, { expectedRevision, ...options });

  /** Makes a stream that holds these events, and one more. */
  const stored = async (appended: EventData[]): Promise<{ stream: string; first: AppendResult }> => {
    const stream = streamName();
    const first = await append(stream, appended, NO_STREAM);
    await append(stream, [event(99)], ANY);
    return { stream, first };
  };

  for (const expected of [ANY, STREAM_EXISTS, NO_STREAM] as const) {
    behaviour(`the same events again with ${expected} get the first answer`, CHECK, async () => {
      const appended = events(3);
      const { stream, first } = await stored(appended);
      expect(await append(stream, appended, expected)).toEqual(first);
      expect(await numbersIn(stream)).toEqual([0, 1, 2, 99]);
    });

    behaviour(`the first of the same events again with ${expected} count as repeated`, CHECK, async () => {
      const appended = events(3);
      const { stream } = await stored(appended);
      const { nextExpectedRevision } = await append(stream, appended.slice(0, 2), expected);
      expect(nextExpectedRevision).toBe(1n);
      expect(await numbersIn(stream)).toEqual([0, 1, 2, 99]);
    });

    behaviour(`the same events and more with ${expected} contradict`, CHECK, async () => {
      const appended = events(3);
      const { stream } = await stored(appended);
      const error = await failure(append(stream, [...appended, event(3)], expected));
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({ actualVersion: 3n });
      expect(await numbersIn(stream)).toEqual([0, 1, 2, 99]);
    });
  }

  for (const expected of [ANY, STREAM_EXISTS] as const) {
    behaviour(`the later ones of the same events with ${expected} count as repeated`, CHECK, async () => {
      const appended = events(3);
      const { stream, first } = await stored(appended);
      expect(await append(stream, appended.slice(1), expected)).toEqual(first);
    });

    behaviour(
      `a new event before the same ones with ${expected} makes them all count as new`,
      CHECK,
      async () => {
        const appended = events(2);
        const { stream } = await stored(appended);
        await append(stream, [event(7), ...appended], expected);
        expect(await numbersIn(stream)).toEqual([0, 1, 99, 7, 0, 1]);
      },
    );
  }

  behaviour('the same events at the revision they were written at count as repeated', CHECK, async () => {
    const stream = streamName();
    await append(stream, events(2), NO_STREAM);
    const appended = events(2, 2);
    const first = await append(stream, appended, 1n);
    await append(stream, [event(99)], 3n);
    expect(await append(stream, appended, 1n)).toEqual(first);
    expect(await numbersIn(stream)).toEqual([0, 1, 2, 3, 99]);
  });

  behaviour('the same events at another revision contradict', CHECK, async () => {
    const appended = events(2);
    const { stream } = await stored(appended);
    expect(await failure(append(stream, appended, 0n))).toBeInstanceOf(WrongExpectedVersionError);
  });

  behaviour('other events at a revision that was written contradict', IDEMPOTENCE, async () => {
    const { stream } = await stored(events(2));
    expect(await failure(append(stream, events(2), NO_STREAM))).toBeInstanceOf(WrongExpectedVersionError);
    expect(await numbersIn(stream)).toEqual([0, 1, 99]);
  });

  behaviour('the same events to another stream count as new', CHECK, async () => {
    const appended = events(2);
    await stored(appended);
    const other = streamName();
    await append(other, appended, ANY);
    expect(await numbersIn(other)).toEqual([0, 1]);
  });

  behaviour('the same id with other content counts as repeated: only ids matter', IDEMPOTENCE, async () => {
    const stream = streamName();
    const first = event(1);
    await append(stream, [first], ANY);
    await append(stream, [{ ...event(2, 'Other'), id: first.id }], ANY);
    expect(await numbersIn(stream)).toEqual([1]);
  });

  behaviour('a repeat of what retention hides is answered without a position', CHECK, async () => {
    const stream = streamName();
    const appended = events(2);
    await append(stream, appended, NO_STREAM);
    await append(stream, events(2, 2), 1n);
    await client.setStreamMetadata(stream, { truncateBefore: 3 });
    const repeated = await append(stream, appended, NO_STREAM);
    expect(repeated).toMatchObject({ success: true, nextExpectedRevision: 1n });
    expect(repeated.position).toBeUndefined();
  });
});
