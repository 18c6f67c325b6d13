import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readExportLine } from '#libs/audit-verify/source/export-line.js';
import { storedEvent } from '#test/support/stored-event.js';
import { ndjsonLine } from './ndjson.js';

const text = fc.string({ unit: 'grapheme' });

/** Bytes of an event: JSON in any spelling, text that is nearly JSON, and any bytes. */
const bytes = fc.oneof(
  fc
    .tuple(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(undefined, 2, '\r', '\t'))
    .map(([value, space]) => Buffer.from(JSON.stringify(value, null, space))),
  fc.json().map((json) => Buffer.from(` ${json}\n `)),
  fc
    .constantFrom('', ' {"data":{"metadata":[1]}} ', '"\\\\"', '{"a":"},\\"metadata\\":{"}', '1', 'nul')
    .map((given) => Buffer.from(given)),
  fc.uint8Array().map((given) => Buffer.from(given)),
);

describe('a line of an export', () => {
  it('is read back into the event as it is stored, byte for byte', () => {
    const fields = {
      stream: text,
      type: text,
      revision: fc.nat(),
      ticks: fc.nat().map((n) => 17n ** 13n + BigInt(n)),
    };
    fc.assert(
      fc.property(fc.record({ ...fields, isJson: fc.boolean(), data: bytes, metadata: bytes }), (given) => {
        const event = { ...storedEvent(), ...given };
        const line = ndjsonLine(event);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(readExportLine(line.slice(0, -1))).toEqual(event);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused when a part of it is missing, doubled or from elsewhere', () => {
    const line = ndjsonLine(storedEvent()).slice(0, -1);
    for (let length = 0; length < line.length; length += 1)
      expect(() => readExportLine(line.slice(0, length))).toThrow(RangeError);
    const [head, rest] = [line.slice(0, line.indexOf(',"data"')), line.slice(line.indexOf(',"data"'))];
    for (const other of [
      `${line} `,
      `${head},"data":1${rest}`,
      `${head},"dataBase64":"a-b"}`,
      `${head},"dataBase64":7}`,
      `${head},"colour":7}`,
      line.replace('2026-11-22T16:30:00.000Z', 'yesterday'),
      '{"position":"1"}',
      'position,stream',
    ])
      expect(() => readExportLine(other), other).toThrow(RangeError);
  });
});
