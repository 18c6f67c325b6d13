import fc from 'fast-check';
import { expect, it } from 'vitest';
import { at } from '#test/support/positioned-event.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { CopyBatch } from './copy-batch.js';

const event = (position: number) => ({
  position: at(position),
  stream: 's',
  revision: 0,
  eventId: '',
  at: 0,
});

it('holds every row, in order, however long', () => {
  // The longest row needs more than twice the initial room.
  const row = fc.tuple(fc.string({ unit: 'grapheme' }), fc.constantFrom(0, 0, 0, 0, 250_000, 1_500_000));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
      const batch = new CopyBatch(at(0));
      const lines = rows.map(([text, length]) => `${text.padEnd(length, text)}\n`);
      for (const [index, line] of lines.entries()) batch.addLine(line, event(index + 1));
      expect(batch.lines.equals(Buffer.from(lines.join('')))).toBe(true);
      expect([batch.rows, batch.upTo]).toEqual([lines.length, at(lines.length)]);
    }),
    { numRuns: propertyRuns(50) },
  );
});

it('is full after ten thousand rows, or a megabyte, or its own limit', () => {
  const small = new CopyBatch(at(0));
  for (let row = 1; row < 10_000; row += 1) small.addLine('x\n', event(row));
  expect(small.isFull).toBe(false);
  small.addLine('x\n', event(10_000));
  expect(small.isFull).toBe(true);
  const large = new CopyBatch(at(0));
  large.addLine('é'.repeat(600_000), event(1));
  expect(large.isFull).toBe(true);
  const limited = new CopyBatch(at(0), { rows: 2, bytes: 100 });
  limited.addLine('x\n', event(1));
  expect(limited.isFull).toBe(false);
  limited.addLine('x\n', event(2));
  expect(limited.isFull).toBe(true);
});
