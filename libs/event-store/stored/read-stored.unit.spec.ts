import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { readAnswers } from '#test/support/read-answers.js';
import { packMessages } from '#libs/protobuf/packed-messages.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { ReadCall } from './read-call.js';
import { readStored } from './read-stored.js';
import type { EventRead } from './read-request.js';

const STREAM: EventRead = { stream: 's', direction: 'forwards', from: 'start' };
const SILENCE_MS = 50;

/** Makes a call with the parts that a read uses. */
const reading = (
  answers: readonly Buffer[],
  then: 'end' | 'silence' | Error = 'end',
  read: EventRead = STREAM,
  silenceMs = SILENCE_MS,
) => {
  const cancel = vi.fn();
  const stream = new Readable({ objectMode: true, read: () => undefined });
  for (const answer of answers) stream.push(answer);
  if (then === 'end') stream.push(null);
  if (then instanceof Error) setImmediate(() => stream.emit('error', then));
  const abort = new AbortController();
  const open = async (): Promise<ReadCall> => new ReadCall(Object.assign(stream, { cancel }));
  const batches = readStored(open, read, silenceMs, abort.signal);
  return { batches, cancel, stream, abort };
};

const events = (...revisions: number[]) => revisions.map((revision) => readAnswers.event({ revision }));

const collect = async (batches: ReturnType<typeof reading>['batches']): Promise<number[]> => {
  const revisions: number[] = [];
  for await (const batch of batches) revisions.push(...batch.map(({ revision }) => revision));
  return revisions;
};

describe('reading events as they are stored', () => {
  it('hands out all of them and ends', async () => {
    const { batches, stream } = reading(events(1, 2, 3));
    expect(await collect(batches)).toEqual([1, 2, 3]);
    expect(stream.readableEnded).toBe(true);
  });

  it('notices everything that arrives, and the end, whatever the caller does in between', async () => {
    const steps = fc.array(fc.record({ come: fc.nat(600), turns: fc.nat(3) }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(steps, fc.array(fc.nat(4)), async (plan, pauses) => {
        const { batches, stream } = reading([], 'silence', STREAM, 20_000);
        let count = 0;
        const arriving = (async () => {
          for (const { come, turns } of [{ come: 1, turns: 1 }, ...plan]) {
            for (let i = 0; i < come; i += 1) stream.push(readAnswers.event({ revision: count++ }));
            for (let i = 0; i < turns; i += 1) await turn();
          }
          stream.push(null);
        })();
        const seen: number[] = [];
        for await (const batch of batches) {
          seen.push(...batch.map(({ revision }) => revision));
          for (let left = batch.length === 0 ? (pauses.pop() ?? 0) : 0; left > 0; left -= 1) await turn();
        }
        await arriving;
        expect(seen).toEqual([...Array.from({ length: count }).keys()]);
      }),
      { numRuns: propertyRuns(50) },
    );
  });

  it('hands out answers that came together like others, all before the end or an error', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.boolean(), async (packs, breaks) => {
        let count = 0;
        const sent = packs.map((size) =>
          packMessages(Array.from({ length: size }, () => readAnswers.event({ revision: count++ }))),
        );
        const { batches } = reading(sent, breaks ? new Error('broken') : 'end');
        const seen: number[] = [];
        const all = async (): Promise<void> => {
          for await (const batch of batches) {
            seen.push(...batch.map(({ revision }) => revision));
            await turn(); // the end comes while part of the last pack is left
          }
        };
        await (breaks ? expect(all()).rejects.toThrow() : all());
        expect(seen).toEqual([...Array.from({ length: count }).keys()]);
      }),
      { numRuns: propertyRuns(50) },
    );
  });

  it('hands out nothing of a pack after the caller has left', async () => {
    const stream = Object.assign(new Readable({ objectMode: true, read: () => undefined }), {
      cancel: () => undefined,
    });
    stream.push(packMessages(events(1, 2)));
    const call = new ReadCall(stream);
    expect(call.takeAnswer()).toMatchObject({ event: { revision: 1 } });
    call.cancel();
    expect(call.takeAnswer()).toBeUndefined();
  });

  it('cancels the call when the caller leaves early, and drains what has arrived so that the call can end', async () => {
    const { batches, cancel, stream } = reading(events(...Array.from({ length: 600 }).keys()));
    for await (const batch of batches) if (batch.length > 0) break;
    expect(cancel).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(stream.readableEnded).toBe(true));
  });

  it('cancels the call when the caller throws', async () => {
    const { batches, cancel } = reading(events(1), 'silence');
    const failing = async (): Promise<void> => {
      for await (const _ of batches) throw new Error('mine');
    };
    await expect(failing()).rejects.toThrow('mine');
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('reads a missing stream as an empty one', async () => {
    expect(await collect(reading([readAnswers.streamNotFound]).batches)).toEqual([]);
  });

  it('throws the errors of the call, after everything that came before them', async () => {
    const gone = Object.assign(new Error('14 UNAVAILABLE: gone'), { code: status.UNAVAILABLE });
    const seen: number[] = [];
    const all = async (): Promise<void> => {
      for await (const batch of reading(events(1), gone).batches) {
        seen.push(...batch.map(({ revision }) => revision));
      }
    };
    await expect(all()).rejects.toThrow(StoreUnavailable);
    expect(seen).toEqual([1]);
  });

  it('gives up a store that falls silent, but not for a slow caller', async () => {
    const silent = reading(events(1, 2), 'silence');
    const seen: number[] = [];
    const slowly = async (): Promise<void> => {
      for await (const batch of silent.batches) {
        seen.push(...batch.map(({ revision }) => revision));
        await new Promise((resolve) => setTimeout(resolve, SILENCE_MS + 30));
      }
    };
    await expect(slowly()).rejects.toThrow('did not answer a read within 50 ms');
    expect(seen).toEqual([1, 2]);
    expect(silent.cancel).toHaveBeenCalledOnce();
  });

  it('says when there is nothing more, and ends by its signal without an error', async () => {
    const follow: EventRead = { direction: 'forwards', from: 'start', follow: true };
    const { batches, abort, cancel } = reading([readAnswers.confirmed, ...events(1)], 'silence', follow);
    expect((await batches.next()).value).toHaveLength(1);
    expect((await batches.next()).value).toEqual([]);
    const waiting = batches.next();
    abort.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(cancel).toHaveBeenCalledOnce();
  });
});
