import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOf } from './run-parts.js';

describe('the parts of a word', () => {
  it.each([
    ['getUserName', ['get', 'getuser', 'user', 'username', 'name']],
    ['HTTPServer', ['http', 'server']],
    ['v1', ['v', '1']],
    ['10ms', ['10', 'ms']],
    ['Zürich2026', ['zürich', '2026']],
    ['C++', ['c']],
    ['TypeC#', ['typec', 'type', 'c']],
    ['hello', []],
    ['Hello', []],
    ['HELLO', []],
    ['2026', []],
    ['Сборка', []],
    ['9f8e7d6c5b4a', []],
  ])('%s', (word, parts) => expect(partsOf(word)).toEqual(parts));

  it('are bounded, and stand in the word', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'B', 'C', '1', 'é', 'Ж') }), (word) => {
        const parts = partsOf(word);
        expect(parts.length).toBeLessThanOrEqual(20);
        for (const part of parts) expect(word.toLowerCase()).toContain(part);
      }),
    );
  });
});
