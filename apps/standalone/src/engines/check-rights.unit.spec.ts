import { describe, expect, it } from 'vitest';
import { DamagedEvent, StoreFault, WrongExpectedRevision } from '#libs/event-store/event-store.errors.js';
import { checkRights } from './check-rights.js';

const fail = async (why: Error): Promise<never> => {
  await Promise.resolve();
  throw why;
};

/**
 * Builds a store that refuses appends only for their expected revision, as one that grants the rights does,
 * and answers every read with the given error.
 */
const storeThatReads = (error: Error): Parameters<ReturnType<typeof checkRights>>[0] => ({
  append: (stream, _events, expected) => fail(new WrongExpectedRevision(stream, expected, 'no_stream')),
  // oxlint-disable-next-line require-yield -- it fails before there is anything
  async *readStream() {
    await fail(error);
  },
});

describe('the check of rights', () => {
  it('does not mistake damage for a missing right, and leaves it to later reads', async () => {
    expect(await checkRights(['admin'])(storeThatReads(new DamagedEvent('The log is damaged')))).toBe(
      undefined,
    );
  });

  it('names a right that is refused', async () => {
    const trouble = await checkRights(['admin'])(storeThatReads(new StoreFault('Access denied')));
    expect(trouble?.words).toContain('may not read');
  });
});
