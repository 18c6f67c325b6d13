import { randomUUID } from 'node:crypto';
import {
  ANY,
  MaxAppendSizeExceededError,
  NO_STREAM,
  STREAM_EXISTS,
  WrongExpectedVersionError,
  jsonEvent,
  type AppendExpectedRevision,
  type AppendResult,
  type EventData,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreHarness, collect, event, events, numbers, revisions, streamName } from './store-harness.js';

let harness: StoreHarness;
beforeAll(async () => {
  harness = await StoreHarness.start();
});
afterAll(() => harness.stopStore());

/** The client uses BatchAppend when it can, and Append for calls with credentials of their own. */
describe.each([
  ['BatchAppend', {}],
  ['Append', { credentials: { username: 'admin', password: 'changeit' } }],
])('%s', (_name, options) => {
  const append = (
    stream: string,
    appended: EventData | EventData[],
    expectedRevision: AppendExpectedRevision = ANY,
  ): Promise<AppendResult> =>
    harness.client().appendToStream(stream, appended, { expectedRevision, ...options });

  it('answers revision and position of the last event', async () => {
    const stream = streamName();
    const first = await append(stream, events(3));
    expect(first).toMatchObject({ success: true, nextExpectedRevision: 2n });
    const second = await append(stream, events(2, 3));
    expect(second.nextExpectedRevision).toBe(4n);
    expect(second.position!.commit).toBeGreaterThan(first.position!.commit + 1n);
    expect(numbers(await collect(harness.client().readStream(stream)))).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([ANY, NO_STREAM] as const)('accepts a new stream when %s is expected', async (expected) => {
    await expect(append(streamName(), event(), expected)).resolves.toMatchObject({
      nextExpectedRevision: 0n,
    });
  });

  it.each([ANY, STREAM_EXISTS, 1n] as const)(
    'accepts more events of a stream when %s is expected',
    async (expected) => {
      const stream = streamName();
      await append(stream, events(2));
      await expect(append(stream, event(), expected)).resolves.toMatchObject({ nextExpectedRevision: 2n });
    },
  );

  it.each([
    [NO_STREAM, 2, 1n],
    [0n, 2, 1n],
    [5n, 2, 1n],
    [STREAM_EXISTS, 0, NO_STREAM],
    [0n, 0, NO_STREAM],
  ] as const)(
    'refuses %s for a stream of %i events and says where it is',
    async (expected, count, actual) => {
      const stream = streamName();
      if (count > 0) await append(stream, events(count));
      const refused: unknown = await append(stream, event(), expected).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(WrongExpectedVersionError);
      expect(refused).toMatchObject({ streamName: stream, expectedVersion: expected, actualVersion: actual });
    },
  );

  it.each([ANY, NO_STREAM, STREAM_EXISTS] as const)('stores a repeat with %s once', async (expected) => {
    const stream = streamName();
    const appended = events(3);
    const first = await append(stream, appended, expected === STREAM_EXISTS ? ANY : expected);
    await append(stream, event(3), 2n);
    const repeated = await append(stream, appended, expected);
    expect(repeated).toEqual(first);
    expect(numbers(await collect(harness.client().readStream(stream)))).toEqual([0, 1, 2, 3]);
  });

  it('stores a repeat once, too, when both are under way at the same time', async () => {
    const stream = streamName();
    const appended = events(3);
    const answers = await Promise.all([append(stream, appended), append(stream, appended)]);
    expect(answers[0]).toEqual(answers[1]);
    expect(await collect(harness.client().readStream(stream))).toHaveLength(3);
  });

  it('refuses a repeat with a different end', async () => {
    const stream = streamName();
    const [first, second] = events(2) as [EventData, EventData];
    await append(stream, first, NO_STREAM);
    await expect(append(stream, [first, second], NO_STREAM)).rejects.toBeInstanceOf(
      WrongExpectedVersionError,
    );
    await expect(append(stream, [first, second], ANY)).rejects.toBeInstanceOf(WrongExpectedVersionError);
  });

  it('lets exactly one of many writers win a revision', async () => {
    const stream = streamName();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => append(stream, event(i), NO_STREAM)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await collect(harness.client().readStream(stream))).toHaveLength(1);
  });

  it('accepts 1 MiB, and refuses one byte more without storing any of it', async () => {
    const stream = streamName();
    const type = 'T'; // counts two bytes; JSON adds two quotes
    const largest = jsonEvent({ type, data: 'x'.repeat(1024 * 1024 - 4) as never });
    await append(stream, largest);
    const larger = jsonEvent({ type, data: 'x'.repeat(1024 * 1024 - 3) as never });
    const refused: unknown = await append(stream, [event(), larger]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MaxAppendSizeExceededError);
    expect(refused).toMatchObject({ maxAppendSize: 1024 * 1024 });
    expect(revisions(await collect(harness.client().readStream(stream)))).toEqual([0n]);
  });

  it('keeps ids, types, data and metadata byte for byte', async () => {
    const stream = streamName('größe/🙂');
    const id = randomUUID();
    const data = { text: '\u0000\u{1F9D1}‍🚀 <script>' };
    await append(stream, jsonEvent({ id, type: 'Schön🙂', data, metadata: { correlation: 'ü' } }));
    const [resolved] = await collect(harness.client().readStream(stream));
    expect(resolved!.event).toMatchObject({
      streamId: stream,
      id,
      type: 'Schön🙂',
      data,
      metadata: { correlation: 'ü' },
      isJson: true,
      revision: 0n,
    });
    expect(Math.abs(Date.now() - resolved!.event!.created.getTime())).toBeLessThan(60_000);
  });
});

it('Streams written at the same time do not mix', async () => {
  const client = harness.client();
  const names = Array.from({ length: 50 }, () => streamName('many'));
  await Promise.all(
    names.map((name, i) => client.appendToStream(name, event(i), { expectedRevision: NO_STREAM })),
  );
  for (const [i, name] of names.entries())
    expect(numbers(await collect(client.readStream(name)))).toEqual([i]);
});
