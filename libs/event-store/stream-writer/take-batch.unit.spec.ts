import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEvent } from '../codec/encoded-event.js';
import { takeBatch } from './take-batch.js';
import type { Outcome } from './stream-rules.js';

const append = (body: string): Outcome<string> => ({
  kind: 'append',
  event: {
    eventId: 'e',
    type: 'Noted',
    data: { body },
    metadata: { actor: { kind: 'system' }, $correlationId: 'c', $causationId: 'c', schema: 1, node: 'n' },
  },
});
const answer: Outcome<string> = { kind: 'answer', answer: 'known' };

const sizeOf = (outcomes: readonly Outcome<string>[]): number =>
  outcomes.reduce((sum, one) => sum + (one.kind === 'append' ? encodeEvent(one.event).size : 0), 0);

describe('taking a batch', () => {
  const outcome = fc.oneof(fc.string({ maxLength: 200 }).map(append), fc.constant(answer));
  const limits = fc.record({
    maxEvents: fc.integer({ min: 1, max: 5 }),
    maxBytes: fc.integer({ min: 1, max: 1500 }),
  });

  it('stays within both limits unless its first event alone is too large', () => {
    fc.assert(
      fc.property(fc.array(outcome), limits, (outcomes, { maxEvents, maxBytes }) => {
        const taken = outcomes.slice(0, takeBatch(outcomes, { maxEvents, maxBytes }));
        const events = taken.filter(({ kind }) => kind === 'append').length;
        expect(events).toBeLessThanOrEqual(maxEvents);
        if (events > 1) expect(sizeOf(taken)).toBeLessThanOrEqual(maxBytes);
      }),
    );
  });

  it('takes as much as fits, and at least one request', () => {
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1 }), limits, (outcomes, { maxEvents, maxBytes }) => {
        const count = takeBatch(outcomes, { maxEvents, maxBytes });
        expect(count).toBeGreaterThan(0);
        const more = outcomes.slice(0, count + 1);
        const fits =
          sizeOf(more) <= maxBytes && more.filter(({ kind }) => kind === 'append').length <= maxEvents;
        expect(count === outcomes.length || !fits).toBe(true);
      }),
    );
  });
});
