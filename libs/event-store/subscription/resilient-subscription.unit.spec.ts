import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { at } from '#test/support/positioned-event.js';
import { Backoff } from '#libs/time/backoff.js';
import { LogContinuity } from '../continuity/log-continuity.js';
import { LogReplaced } from '../event-store.errors.js';
import { LOG_START } from '../position.js';
import { ResilientSubscription } from './resilient-subscription.js';
import { ReadCall } from '../stored/read-call.js';
import { readAnswers as answers } from '#test/support/read-answers.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import type { LogPosition } from '../position.js';
import type { AnswerStream } from '../stored/read-call.js';
import type { LogRead } from '../stored/read-request.js';
import type { SubscribeToAll } from './log-subscription.js';

const noted = (commit: number): Buffer =>
  answers.event({ stream: 'x-1', type: 'Noted', revision: commit, position: at(commit), data: '{}' });

/** Makes one server subscription after another, which the spec moves. */
const setUp = (
  options: Partial<SubscribeToAll> = {},
  starts: (LogPosition | undefined)[] = [],
  continuity?: LogContinuity,
) => {
  const sources: (PassThrough & AnswerStream)[] = [];
  const froms: unknown[] = [];
  const open = async ({ from }: LogRead): Promise<ReadCall> => {
    const source = Object.assign(new PassThrough({ objectMode: true }), { cancel: () => undefined });
    froms.push(from);
    source.write(answers.confirmed);
    sources.push(source);
    return new ReadCall(source);
  };
  const log: string[] = [];
  const support = {
    open,
    backoff: new Backoff({ initialMs: 1, maxMs: 1 }),
    findEnd: async () => LOG_START,
    findStart: async () => starts.shift(),
    confirmWithinMs: 1_000,
    ...(continuity && { continuity }),
  };
  const subscription = new ResilientSubscription(support, {
    from: 'start',
    streamPrefixes: ['x-'],
    onEvent: ({ position }) => void log.push(`event ${position.commit}`),
    onProgress: ({ commit }) => void log.push(`at ${commit}`),
    onCaughtUp: () => void log.push('caught up'),
    ...options,
  });
  const connected = (count: number) =>
    vi.waitFor(() => expect(sources).toHaveLength(count), { interval: 1, timeout: 10_000 });
  return { subscription, sources, froms, log, connected };
};

describe('a subscription over connections that come and go', () => {
  it('resumes after the last checkpoint or handled event, and drops what it has handled already', async () => {
    const { subscription, sources, froms, log, connected } = setUp();
    await connected(1);
    sources[0]!.write(noted(1));
    sources[0]!.write(noted(2));
    await vi.waitFor(() => expect(log).toContain('at 2'));
    sources[0]!.write(answers.checkpoint(at(5)));
    await vi.waitFor(() => expect(log).toContain('at 5'));
    sources[0]!.emit('error', Object.assign(new Error('gone'), { code: status.UNAVAILABLE }));
    await connected(2);
    for (const commit of [2, 5, 6]) sources[1]!.write(noted(commit));
    await vi.waitFor(() => expect(log).toContain('at 6'));
    expect(froms).toEqual(['start', at(5)]);
    expect(log).toEqual(['event 1', 'at 1', 'event 2', 'at 2', 'at 5', 'event 6', 'at 6']);
    await subscription.close();
  });

  it('does not take an event for new that it had already when another connection was lost', async () => {
    const continuity = new LogContinuity(async () => true);
    const failures: Error[] = [];
    const onFailure = (error: Error): void => void failures.push(error);
    const { subscription, sources, froms, log, connected } = setUp({ onFailure }, [], continuity);
    await connected(1);
    sources[0]!.write(noted(1));
    await vi.waitFor(() => expect(log).toContain('at 1'));
    continuity.connectionLost();
    sources[0]!.write(noted(2));
    sources[0]!.write(answers.checkpoint(at(5)));
    await vi.waitFor(() => expect(log).toContain('at 5'));
    sources[0]!.emit('error', Object.assign(new Error('gone'), { code: status.UNAVAILABLE }));
    await connected(2);
    for (const commit of [2, 6]) sources[1]!.write(noted(commit));
    await vi.waitFor(() => expect(log).toContain('at 6'));
    expect(failures).toEqual([]);
    expect(froms).toEqual(['start', at(2)]);
    // There is an event where the server had said that there was none, so it is another log.
    sources[1]!.emit('error', Object.assign(new Error('gone'), { code: status.UNAVAILABLE }));
    await connected(3);
    sources[2]!.write(answers.checkpoint(at(9)));
    await vi.waitFor(() => expect(log).toContain('at 9'));
    sources[2]!.emit('error', Object.assign(new Error('gone'), { code: status.UNAVAILABLE }));
    await connected(4);
    sources[3]!.write(noted(8));
    await vi.waitFor(() => expect(failures).toEqual([expect.any(LogReplaced)]));
    await subscription.close();
  });

  it('ignores a checkpoint that no event can have, and receives all later events', async () => {
    const odd = [2n ** 64n - 1n, 2n ** 64n - 2n, 2n ** 63n, 2n ** 63n - 1n];
    const said = fc.oneof(
      fc.constant('event' as const),
      fc.constant('checkpoint' as const),
      fc.constantFrom(...odd),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(said, { maxLength: 12 }), async (plan) => {
        const { subscription, sources, froms, log, connected } = setUp();
        await connected(1);
        sources[0]!.write(answers.checkpoint({ commit: odd[0]!, prepare: odd[0]! }));
        const expected: string[] = [];
        let last: LogPosition | 'start' = 'start';
        for (const [index, what] of plan.entries()) {
          const commit = index + 1;
          if (typeof what === 'bigint') {
            sources[0]!.write(answers.checkpoint({ commit: what, prepare: what }));
            continue;
          }
          last = at(commit);
          sources[0]!.write(what === 'event' ? noted(commit) : answers.checkpoint(last));
          if (what === 'event') expected.push(`event ${commit}`);
          expected.push(`at ${commit}`);
        }
        sources[0]!.write(answers.caughtUp);
        await vi.waitFor(() => expect(log).toContain('caught up'), { interval: 1 });
        expect(log).toEqual([...expected, 'caught up']);
        sources[0]!.end();
        await connected(2);
        expect(froms).toEqual(['start', last]);
        await subscription.close();
      }),
      { numRuns: propertyRuns(30) },
    );
  });

  it('begins before the first event of the log, so that the server sends checkpoints', async () => {
    const before = { commit: 7n, prepare: 0n };
    const { subscription, sources, froms, log, connected } = setUp({}, [before]);
    await connected(1);
    expect(froms).toEqual([before]);
    sources[0]!.write(noted(7));
    await vi.waitFor(() => expect(log).toEqual(['event 7', 'at 7']));
    await subscription.close();
  });

  it('begins again once an empty log has an event, and delivers nothing twice', async () => {
    const { subscription, sources, froms, log, connected } = setUp({}, [undefined, at(1)]);
    await connected(1);
    sources[0]!.write(noted(1));
    await connected(2);
    sources[1]!.write(noted(2));
    await vi.waitFor(() => expect(log).toContain('at 2'));
    expect(froms).toEqual(['start', at(1)]);
    expect(log).toEqual(['event 1', 'at 1', 'event 2', 'at 2']);
    await subscription.close();
  });

  it('asks again for an event that came without its position in the log', async () => {
    const { subscription, sources, froms, log, connected } = setUp();
    await connected(1);
    sources[0]!.write(noted(1));
    const odd = { commit: 2n ** 64n - 1n, prepare: 2n ** 64n - 1n };
    sources[0]!.write(
      answers.event({ stream: 'x-1', type: 'Noted', revision: 2, position: odd, data: '{}' }),
    );
    await connected(2);
    sources[1]!.write(noted(2));
    await vi.waitFor(() => expect(log).toContain('at 2'));
    expect(froms).toEqual(['start', at(1)]);
    expect(log).toEqual(['event 1', 'at 1', 'event 2', 'at 2']);
    await subscription.close();
  });

  it('handles checkpoints and the news of having caught up after the events before them', async () => {
    const { subscription, sources, log, connected } = setUp({
      onEvent: async ({ position }) => {
        await turn();
        log.push(`event ${position.commit}`);
      },
    });
    await connected(1);
    for (const commit of [1, 2, 3]) sources[0]!.write(noted(commit));
    sources[0]!.write(answers.checkpoint(at(9)));
    sources[0]!.write(answers.caughtUp);
    await vi.waitFor(() => expect(log).toContain('caught up'));
    expect(log).toEqual(['event 1', 'at 1', 'event 2', 'at 2', 'event 3', 'at 3', 'at 9', 'caught up']);
    await subscription.close();
  });

  it('handles what has arrived before it goes on to the next connection', async () => {
    const { subscription, sources, log, connected } = setUp();
    await connected(1);
    sources[0]!.write(noted(1));
    sources[0]!.end(noted(2));
    await connected(2);
    expect(log).toEqual(['event 1', 'at 1', 'event 2', 'at 2']);
    await subscription.close();
  });

  it('ends for good when the store refuses', async () => {
    const failures: Error[] = [];
    const { subscription, sources, connected } = setUp({ onFailure: (error) => void failures.push(error) });
    await connected(1);
    const denied = Object.assign(new Error('7 PERMISSION_DENIED: no'), { code: 7 });
    sources[0]!.emit('error', denied);
    await vi.waitFor(() => expect(failures).toHaveLength(1));
    expect(failures[0]!.message).toBe('The event store refused: 7 PERMISSION_DENIED: no');
    await subscription.close();
    expect(sources).toHaveLength(1);
  });
});
