import { describe, expect, it } from 'vitest';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { recordedEvent } from '#test/support/recorded-event.js';
import { DirectoryTails } from './directory-tails.js';

const STREAM = 'bot-alice';
const registered = recordedEvent(STREAM, 3, 'BotRegistered', {});

/**
 * Builds a store whose reads wait until they are released, and a directory that knows the stream up to
 * revision 2.
 */
const setUp = (outcome: () => RecordedEvent = () => registered) => {
  const applied: RecordedEvent[] = [];
  const reads: { stream: string; from: unknown; go: () => void }[] = [];
  const tails = new DirectoryTails(
    {
      async *readStream(stream, options) {
        await new Promise<void>((go) => reads.push({ stream, from: options?.from, go }));
        yield outcome();
      },
    },
    { apply: (event) => applied.push(event) > 0, revisionOf: () => 2 },
  );
  return { tails, applied, reads };
};

describe('the tail of a directory’s stream', () => {
  it('is read from where the directory ends', async () => {
    const { tails, applied, reads } = setUp();
    const read = tails.readOn(STREAM);
    expect(reads).toMatchObject([{ stream: STREAM, from: 3 }]);
    reads[0]!.go();
    await read;
    expect(applied).toEqual([registered]);
  });

  it('is read once more for all who ask during a read, which may have missed what they ask for', async () => {
    const { tails, reads } = setUp();
    const asked = [tails.readOn(STREAM), tails.readOn(STREAM), tails.readOn(STREAM)];
    expect(reads).toHaveLength(1);
    reads[0]!.go();
    await asked[0];
    await waitFor('the next read', () => reads.length === 2);
    const late = tails.readOn(STREAM);
    reads[1]!.go();
    expect(await Promise.all(asked)).toEqual([true, true, true]);
    await waitFor('the last read', () => reads.length === 3);
    reads[2]!.go();
    expect(await late).toBe(true);
    void tails.readOn(STREAM);
    expect(reads).toHaveLength(4);
  });

  it('is not waited for when many others are being read', async () => {
    const { tails, reads } = setUp();
    for (let index = 0; index < 16; index += 1) void tails.readOn(`bot-invented-${index}`);
    expect(await tails.readOn(STREAM)).toBe(false);
    expect(reads).toHaveLength(16);
  });

  it('is not needed while the store is down', async () => {
    const { tails, applied, reads } = setUp(() => {
      throw new StoreUnavailable('away');
    });
    const read = tails.readOn(STREAM);
    reads[0]!.go();
    expect(await read).toBe(false);
    expect(applied).toEqual([]);
  });
});
