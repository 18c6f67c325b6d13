import { Readable } from 'node:stream';
import { StreamNotFoundError, UnavailableError } from '@eventstore/db-client';
import { describe, expect, it, vi } from 'vitest';
import { StoreUnavailable } from './event-store.errors.js';
import { readEvents } from './read-events.js';
import type { StreamingRead } from '@eventstore/db-client';

/** A client's read as far as ours uses it. */
const reading = (values: readonly number[], then: 'end' | 'silence' | Error = 'end') => {
  const cancel = vi.fn(() => Promise.resolve());
  const stream = new Readable({ objectMode: true, read: () => undefined });
  for (const value of values) stream.push(value);
  if (then === 'end') stream.push(null);
  if (then instanceof Error) setImmediate(() => stream.emit('error', then));
  const read = Object.assign(stream, { cancel }) as unknown as StreamingRead<number>;
  return { events: readEvents(() => read, { stream: 's' }, 50), cancel, stream };
};

const collect = async (events: AsyncIterable<number>): Promise<number[]> => {
  const list: number[] = [];
  for await (const event of events) list.push(event);
  return list;
};

describe('reading events', () => {
  it('hands out all of them and ends', async () => {
    const { events, stream } = reading([1, 2, 3]);
    expect(await collect(events)).toEqual([1, 2, 3]);
    expect(stream.readableEnded).toBe(true);
  });

  it('cancels the call when the caller leaves early, and drains what has arrived so that the call can end', async () => {
    const { events, cancel, stream } = reading([1, 2, 3, 4]);
    for await (const event of events) if (event === 2) break;
    expect(cancel).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(stream.readableEnded).toBe(true));
  });

  it('cancels the call when the caller throws', async () => {
    const { events, cancel } = reading([1, 2, 3], 'silence');
    const failing = async (): Promise<void> => {
      for await (const _ of events) throw new Error('mine');
    };
    await expect(failing()).rejects.toThrow('mine');
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('reads a missing stream as an empty one', async () => {
    const { events } = reading([], new StreamNotFoundError(undefined, 's'));
    expect(await collect(events)).toEqual([]);
  });

  it('makes the client errors its own', async () => {
    const gone = new UnavailableError({ code: 14, message: '14 UNAVAILABLE: gone' } as never);
    await expect(collect(reading([1], gone).events)).rejects.toThrow(StoreUnavailable);
  });

  it('gives up a store that falls silent, but not for a slow caller', async () => {
    const silent = reading([1, 2], 'silence');
    const seen: number[] = [];
    const slowly = async (): Promise<void> => {
      for await (const event of silent.events) {
        seen.push(event);
        await new Promise((resolve) => setTimeout(resolve, 80));
      }
    };
    await expect(slowly()).rejects.toThrow('did not answer a read within 50 ms');
    expect(seen).toEqual([1, 2]);
    expect(silent.cancel).toHaveBeenCalledOnce();
  });
});
