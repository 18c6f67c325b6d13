import fc from 'fast-check';
import { expect, it } from 'vitest';
import { intakeCost } from './intake-costs.js';

it('never charges less for more, and always something', () => {
  const kinds = fc.constantFrom(
    'event' as const,
    'acknowledgement' as const,
    'connect' as const,
    'other' as const,
  );
  fc.assert(
    fc.property(kinds, fc.nat(100_000), fc.nat(100_000), (kind, bytes, more) => {
      expect(intakeCost(kind, bytes)).toBeGreaterThan(0);
      expect(intakeCost(kind, bytes + more)).toBeGreaterThanOrEqual(intakeCost(kind, bytes));
    }),
  );
});
