import { PassThrough, Readable } from 'node:stream';
import { status } from '@grpc/grpc-js';
import { describe, expect, it, vi } from 'vitest';
import { recordings, type Recording } from '#test/contract/recorder/recording.js';
import { RecordedAnswers, type RecordedAppend, type WireAnswer } from '#test/support/recorded-answers.js';
import { readAnswer } from './append/append-answer.js';
import { Backoff } from '#libs/time/backoff.js';
import {
  AppendTooLarge,
  StoreFault,
  StreamGone,
  UnknownPosition,
  WrongExpectedRevision,
} from './event-store.errors.js';
import { LOG_START, comparePositions, type LogPosition } from './position.js';
import { ReadCall, type AnswerStream } from './stored/read-call.js';
import { readStored } from './stored/read-stored.js';
import { ResilientSubscription } from './subscription/resilient-subscription.js';
import type { LogRead } from './stored/read-request.js';

type Scenario = readonly [string, readonly string[]];

const scenariosOf = ({ scenarios }: Recording, pattern: RegExp): Scenario[] =>
  Object.entries(scenarios).filter(([name]) => pattern.test(name));

const eventOf = (line: string): string | undefined => /^event t-(\S+)/u.exec(line)?.[1];
const soon = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 2, timeout: 10_000 });
const isWire = (answer: WireAnswer | undefined): answer is WireAnswer => answer !== undefined;

const stream = (): PassThrough & AnswerStream =>
  Object.assign(new PassThrough({ objectMode: true }), { cancel: () => undefined });

/** Returns what our subscription makes of connections with these lines, one connection after the other. */
const subscribe = (connections: readonly (readonly string[])[]) => {
  const answers = new RecordedAnswers();
  const froms: LogRead['from'][] = [];
  const events: string[] = [];
  const progress: LogPosition[] = [];
  const caughtUpAfter: number[] = [];
  const failures: Error[] = [];
  let reconnects = 0;
  const open = async ({ from }: LogRead): Promise<ReadCall> => {
    const lines = connections[froms.length];
    froms.push(from);
    const source = stream();
    for (const line of lines ?? ['confirmed']) {
      const answer = answers.read(line);
      if (Buffer.isBuffer(answer)) source.write(answer);
      else if (answer instanceof Error) setImmediate(() => source.emit('error', answer));
    }
    // The recorder ended the calls; the server would have gone on.
    if (froms.length < connections.length)
      setImmediate(() =>
        source.emit('error', Object.assign(new Error('gone'), { code: status.UNAVAILABLE })),
      );
    return new ReadCall(source);
  };
  const subscription = new ResilientSubscription(
    {
      open,
      backoff: new Backoff({ initialMs: 1, maxMs: 1 }),
      findEnd: async () => LOG_START,
      findStart: async () => undefined,
      confirmWithinMs: 5_000,
    },
    {
      from: 'start',
      streamPrefixes: ['a-'],
      onEvent: ({ type }) => void events.push(type.replace('t-', '')),
      onProgress: (position) => void progress.push(position),
      onCaughtUp: () => void caughtUpAfter.push(events.length),
      onFailure: (error) => void failures.push(error),
      onConnectionChange: (state) => void (reconnects += state === 'reconnecting' ? 1 : 0),
    },
  );
  return {
    subscription,
    answers,
    froms,
    events,
    progress,
    caughtUpAfter,
    failures,
    reconnects: () => reconnects,
  };
};

const expectedEvents = (lines: readonly string[]): string[] =>
  lines.map(eventOf).filter((label) => label !== undefined);

for (const recording of recordings)
  describe(`what EventStoreDB ${recording.server.version} was recorded to answer`, () => {
    const subscriptions = scenariosOf(recording, /filtered subscription|^the same (by|from)/u).filter(
      ([, lines]) => expectedEvents(lines).length > 0,
    );

    it.each(subscriptions)(
      'delivers each event to a subscription once, in order: %s',
      async (_name, lines) => {
        const seen = subscribe([lines]);
        const wanted = expectedEvents(lines);
        await soon(() => expect(seen.events).toEqual(wanted));
        const last = seen.answers.positionOf(
          lines
            .map((line) => eventOf(line) ?? /^checkpoint (?!2\^)(.+)/u.exec(line)?.[1])
            .filter(Boolean)
            .at(-1)!,
        );
        await soon(() => expect(seen.progress.at(-1)).toEqual(last));
        for (const [i, position] of seen.progress.entries())
          expect(comparePositions(position, seen.progress[i - 1] ?? LOG_START)).toBeGreaterThan(0);
        const before = lines.slice(0, lines.indexOf('caught up')).filter((line) => eventOf(line));
        expect(seen.caughtUpAfter).toEqual([before.length]);
        await seen.subscription.close();
      },
    );

    it.each(subscriptions)('loses and repeats nothing wherever it is cut: %s', async (_name, lines) => {
      for (let cut = 1; cut <= lines.length; cut += 1) {
        const seen = subscribe([lines.slice(0, cut), lines]);
        await soon(() => expect(seen.events).toEqual(expectedEvents(lines)));
        const [, again] = seen.froms;
        if (typeof again === 'object') expect(again.commit).toBeLessThan(2n ** 63n);
        await seen.subscription.close();
      }
    });

    it('names a position at which no event begins, where the server does', async () => {
      const [, lines] = scenariosOf(recording, /\$all from a position at which no event begins/u)[0]!;
      const seen = subscribe([lines]);
      if (recording.server.version.startsWith('23.')) {
        // That server says only that its handler failed, as it does for passing faults, so the only option is to try
        // again.
        await soon(() => expect(seen.reconnects()).toBe(1));
      } else {
        await soon(() => expect(seen.failures).toHaveLength(1));
        expect(seen.failures[0]).toBeInstanceOf(UnknownPosition);
      }
      await seen.subscription.close();
    });

    const reads = scenariosOf(recording, /^a (filtered )?read |^a stream /u);
    it.each(reads)('gives a read the events, the end and the refusal: %s', async (_name, lines) => {
      const answers = new RecordedAnswers();
      let call: string[] = [];
      for (const line of lines) {
        if (line.startsWith('{')) continue;
        if (line !== 'end') {
          call.push(line);
          continue;
        }
        const answered = call.map((said) => answers.read(said)).filter(isWire);
        const failed = answered.find((answer) => answer instanceof Error);
        const reading = collect(
          answered.filter((answer) => Buffer.isBuffer(answer)),
          failed,
        );
        if (failed) await expect(reading).rejects.toBeInstanceOf(StreamGone);
        else expect(await reading).toEqual(expectedEvents(call));
        call = [];
      }
    });

    const appends = scenariosOf(recording, /^appends |^the same events|^a stream (deleted|tombstoned)/u);
    it.each(appends)('tells an append its place, or why it was refused: %s', (_name, lines) => {
      const answers = new RecordedAnswers();
      for (const line of lines) {
        const json = /\{.*\}$/u.exec(line)?.[0];
        const recorded = json ? (JSON.parse(json) as RecordedAppend) : undefined;
        if (!recorded || !('refused' in recorded || 'revision' in recorded)) continue;
        if ('ok' in recorded && recorded.revision === 'none') continue; // we never append nothing
        const answer = (): unknown =>
          readAnswer(answers.append(recorded), { stream: 'a-1', events: [], expected: 'any' });
        if ('refused' in recorded) expect(answer).toThrow(REFUSALS[recorded.details]!);
        else
          expect(answer()).toEqual({
            revision: Number(recorded.revision),
            position: answers.positionOf(recorded.position),
          });
      }
    });
  });

const REFUSALS: Readonly<Record<string, new (...args: never[]) => Error>> = {
  WrongExpectedVersion: WrongExpectedRevision,
  StreamDeleted: StreamGone,
  MaximumAppendSizeExceeded: AppendTooLarge,
  BadRequest: StoreFault,
};

const collect = async (answers: readonly Buffer[], failed: Error | undefined): Promise<string[]> => {
  const source = Object.assign(new Readable({ objectMode: true, read: () => undefined }), {
    cancel: () => undefined,
  });
  for (const answer of answers) source.push(answer);
  if (failed) setImmediate(() => source.emit('error', failed));
  else source.push(null);
  const labels: string[] = [];
  const read = { stream: 'a-1', direction: 'forwards', from: 'start' } as const;
  for await (const batch of readStored(async () => new ReadCall(source), read, 5_000))
    for (const { type } of batch) labels.push(type.replace('t-', ''));
  return labels;
};
