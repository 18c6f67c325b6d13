import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactText, restoreExact, storableText } from './exact-text.js';

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((u) => String.fromCharCode(u)) });

describe('text that PostgreSQL cannot hold', () => {
  it('is replaced in what is stored, and only there', () => {
    expect(storableText('a\0b\ud800c')).toBe('a\uFFFDb\uFFFDc');
    expect(storableText('plain 😀 \u0001 \uFFFF')).toBe('plain 😀 \u0001 \uFFFF');
  });

  it('costs nothing for text without it', () => {
    expect(exactText({ body: 'plain 😀', target: undefined })).toBeNull();
  });

  it('any text survives storing', () => {
    fc.assert(
      fc.property(anyText, anyText, (body, note) => {
        const exact = exactText({ body, note });
        const row = { body: storableText(body), note: storableText(note) };
        expect(JSON.stringify(row)).not.toMatch(/\\u0000|\\ud[89a-f]/);
        if (exact !== null) expect(storableText(exact)).toBe(exact);
        expect(restoreExact(row, exact)).toEqual({ body, note });
      }),
    );
  });
});
