import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactly } from './parse-exactly.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';

const refusalOf = (text: string, options = {}): string => {
  try {
    parseExactly(text, options);
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_payload' });
    return (error as Error).message;
  }
  throw new Error(`It was read: ${text}`);
};

/**
 * Writes JSON as Python's `json.dumps` does: with spaces, and with escapes for everything that is not ASCII.
 */
const asPython = (text: string): string =>
  text.replaceAll(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

const values = fc.jsonValue({ maxDepth: 5 });

describe('JSON that is read exactly', () => {
  it('says what JSON.parse says, however it is laid out', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(0, 1, 2), fc.boolean(), (value, spaces, isEscaped) => {
        const text = JSON.stringify(value, null, spaces);
        expect(parseExactly(isEscaped ? asPython(text) : text)).toEqual(JSON.parse(text));
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it('is refused when a number in it would come back changed, whatever is around it', () => {
    fc.assert(
      fc.property(values, values, fc.constantFrom(0, 1), (before, after, spaces) => {
        const around = JSON.stringify({ list: ['"\\', '@'], before, after }, null, spaces);
        const text = around.replace('"@"', '1285704473650888702');
        expect(refusalOf(text)).toBe(
          'Field "list[1]": number 1285704473650888702 cannot be kept exactly; send it as a string',
        );
      }),
    );
  });

  it.each([
    ['{"data":{"order":1285704473650888702}}', 'Field "data.order": number 1285704473650888702 cannot'],
    ['{"data":[1,[2,{"x":-0}]]}', 'Field "data[1][1].x": number -0 cannot'],
    ['[{"a":1e400}]', 'Field "[0].a": number 1e400 cannot'],
    ['-0.0', 'The payload: number -0.0 cannot'],
    ['{"a":1,"a":2}', 'Field "a" is there more than once'],
    ['{"x":{"a":1,"\\u0061":1}}', 'Field "x.a" is there more than once'],
    ['{"a":1,"b":{"a":1},"a":1}', 'Field "a" is there more than once'],
    ['{"__proto__":1,"__proto__":1}', 'Field "__proto__" is there more than once'],
    [`{"${'k'.repeat(500)}":-0}`, `Field "${'k'.repeat(128)}…": number -0`],
    [`{"a":${'1'.repeat(500)}}`, `Field "a": number ${'1'.repeat(48)}… cannot`],
    ['{"a\\n\\"b":-0}', 'Field "a\\n\\"b": number'],
  ])('is refused: %s', (text, message) => {
    expect(refusalOf(text)).toMatch(new RegExp(`^${message.replaceAll(/[\\[\].$^*+?(){}|]/g, '\\$&')}`));
  });

  it.each([
    '{"a":1.0,"b":1E5,"c":[5e-324, 1e22]}',
    '{"a":{"x":1},"b":{"x":1}}',
    '{"a":"1285704473650888702 -0","b":"{\\"a\\":-0}"}',
    '{"2":1,"1":2}',
    '{"__proto__":{"x":1}}',
    '"\\ud800"',
    '{"_placeholder":true,"num":0}',
  ])('is read: %s', (text) => {
    expect(parseExactly(text)).toEqual(JSON.parse(text));
    expect(JSON.parse(JSON.stringify(parseExactly(text)))).toEqual(JSON.parse(text));
  });

  it('is told apart from text that is not JSON', () => {
    for (const text of ['', '{', 'NaN', '{"a":NaN}', '[Infinity]', '01', '\ufeff{}', "{'a':1}"])
      expect(() => parseExactly(text)).toThrow(SyntaxError);
  });

  it('needs no stack for deeply nested values', () => {
    const deep = `${'{"a":['.repeat(30_000)}1.0${']}'.repeat(30_000)}`;
    expect(typeof parseExactly(deep)).toBe('object');
    expect(refusalOf(deep.replace('1.0', '-0'))).toMatch(/^Field "a\[0\]\.a\[0\]/);
  });

  it('says nothing of levels that the caller does not know of', () => {
    expect(refusalOf('["post",{"data":-0}]', { hidden: 1 })).toMatch(/^Field "data"/);
    expect(refusalOf('["post",-0]', { hidden: 1 })).toMatch(/^The payload:/);
  });

  it('has no attachments, where objects may stand for them', () => {
    const text = '["post",{"data":{"a":{"_placeholder":true,"num":0}}}]';
    expect(refusalOf(text, { hidden: 1, hasAttachments: true })).toMatch(/^Field "data\.a" is binary/);
    expect(refusalOf('["post",{"_placeholder":true}]', { hidden: 1, hasAttachments: true })).toMatch(
      /^The payload is binary/,
    );
  });
});
