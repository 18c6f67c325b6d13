import fc from 'fast-check';
import { expect, it } from 'vitest';
import { holdsMoreThan, intakeCost } from './intake-costs.js';

it('counts the packets of a payload as its reader would', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z0-9]{0,5}$/), { minLength: 1 }),
      fc.nat(30),
      (packets, most) => {
        expect(holdsMoreThan(most, packets.join('\u001e'))).toBe(packets.length > most);
      },
    ),
  );
});

it('never charges less for more, and something for anything', () => {
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
