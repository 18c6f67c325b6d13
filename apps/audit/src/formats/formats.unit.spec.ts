import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storedEvent } from '#test/support/stored-event.js';
import { cloudEventsLine } from './cloudevents.js';
import { CSV_HEADER, csvLine, spreadsheetLine } from './csv.js';
import { ndjsonLine } from './ndjson.js';
import { ticksAt } from '#libs/protocol/validation/instants.js';
import { timeText } from './ticks.js';

/** Reads CSV by the rules of RFC 4180. */
const readCsv = (text: string): string[][] => {
  const records: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    records.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') records.push([]);
  }
  return records.slice(0, -1);
};

describe('a line of NDJSON', () => {
  it('has the members in their order, data and metadata as they were written', () => {
    const line = ndjsonLine(storedEvent({ data: '{"b":1.0, "a":"\\u00e9"}' }));
    expect(line).toBe(
      '{"position":"182734","stream":"messages-general","revision":41,"type":"MessagePosted",' +
        '"id":"0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f","time":"2026-11-22T16:30:00.000Z",' +
        '"data":{"b":1.0, "a":"\\u00e9"},"metadata":{"actor":{"kind":"bot","name":"alice"},"schema":1}}\n',
    );
  });

  it('gives back any JSON, on one line', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(0, 2), (value, indent) => {
        const line = ndjsonLine(storedEvent({ data: JSON.stringify(value, null, indent) }));
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(JSON.parse(line)).toMatchObject({ data: JSON.parse(JSON.stringify(value)) as unknown });
      }),
    );
  });

  it('has base64 for bytes that are not JSON, whatever they claim to be', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.boolean(), (data, isJson) => {
        const line = JSON.parse(
          ndjsonLine({ ...storedEvent({ isJson }), data: Buffer.from(data) }),
        ) as Record<string, unknown>;
        if ('data' in line) expect(JSON.parse(Buffer.from(data).toString())).toEqual(line['data']);
        else expect(Buffer.from(line['dataBase64'] as string, 'base64')).toEqual(Buffer.from(data));
      }),
    );
  });

  it('leaves out what has no bytes', () => {
    const line = JSON.parse(ndjsonLine(storedEvent({ data: '', metadata: '' }))) as object;
    expect(Object.keys(line)).toEqual(['position', 'stream', 'revision', 'type', 'id', 'time', 'isJson']);
  });
});

describe('a record of CSV', () => {
  it('is read back field by field, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, type) => {
        const data = JSON.stringify(value);
        const [header, record] = readCsv(CSV_HEADER + csvLine(storedEvent({ data, type })));
        const fields = Object.fromEntries(header!.map((name, index) => [name, record![index]]));
        expect(fields).toMatchObject({ position: '182734', revision: '41', type, data, dataBase64: '' });
      }),
    );
  });
});

const fieldsOf = (stored: ReturnType<typeof storedEvent>): string[] =>
  readCsv(CSV_HEADER + spreadsheetLine(stored))[1]!;

describe('a record for spreadsheets', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
    'has no field that is taken for a formula (%j)',
    (text) => {
      const fields = fieldsOf(storedEvent({ type: text, stream: text, data: '-1' }));
      expect(fields.slice(1, 7)).toMatchObject({ 0: `'${text}`, 2: `'${text}`, 5: "'-1" });
      const bytes = fieldsOf(storedEvent({ isJson: false, data: '\u00f8' }));
      for (const field of [...fields, ...bytes]) expect(field).not.toMatch(/^[=+\-@\t\r]/);
    },
  );

  it('is the same as for programs in everything else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, type) => {
        const stored = storedEvent({ data: JSON.stringify(value), type });
        const exact = readCsv(CSV_HEADER + csvLine(stored))[1]!;
        // The reverse does not hold: a field may begin with an apostrophe of its own.
        const guarded = exact.map((field) => field.replace(/^(?=[=+\-@\t\r])/, "'"));
        expect(fieldsOf(stored)).toEqual(guarded);
      }),
    );
  });
});

describe('a CloudEvent', () => {
  it('has the attributes CloudEvents 1.0 requires, and extensions with allowed names and values', () => {
    const event = JSON.parse(cloudEventsLine(storedEvent())) as Record<string, unknown>;
    expect(event).toMatchObject({
      specversion: '1.0',
      id: '0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f',
      source: '/streams/messages-general',
      type: 'MessagePosted',
      datacontenttype: 'application/json',
      data: { bot: 'alice', body: 'hi' },
      metadata: '{"actor":{"kind":"bot","name":"alice"},"schema":1}',
    });
    for (const [name, value] of Object.entries(event)) {
      if (name === 'data') continue;
      expect(name).toMatch(/^[a-z0-9]{1,20}$/);
      expect(typeof value).toBe('string');
    }
  });

  it('carries bytes as data_base64', () => {
    const event = JSON.parse(cloudEventsLine(storedEvent({ isJson: false, data: '\u0000' }))) as object;
    expect(event).toMatchObject({ data_base64: 'AA==' });
    expect(event).not.toHaveProperty('data');
  });
});

describe('a time', () => {
  it('is printed to the millisecond, and finer only where the stored time is finer', () => {
    expect(timeText(ticksAt('2026-11-23T18:30:00.120Z'))).toBe('2026-11-23T18:30:00.120Z');
    expect(timeText(ticksAt('2026-11-23T18:30:00.120Z') + 45n)).toBe('2026-11-23T18:30:00.1200045Z');
  });
});
