import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { exportedEvents } from './export-events.js';

/** A file in memory that gives at most so many bytes at once. */
const fileOf = (text: string, most: number) => {
  const bytes = Buffer.from(text);
  return {
    read: async (into: Buffer, offset: number, length: number, position: number) => {
      const given = bytes.subarray(position, position + Math.min(length, most));
      given.copy(into, offset);
      return { bytesRead: given.length, buffer: into };
    },
  };
};

const lineOf = (position: number, body: string): string =>
  `{"position":"${position}","stream":"messages-x","revision":0,"type":"T","id":"0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f","time":"2026-01-01T00:00:00.000Z","data":${JSON.stringify(body)}}\n`;

const read = async (text: string, most = 1_000) => {
  const found: string[] = [];
  let seen = 0;
  for await (const batch of exportedEvents(fileOf(text, most), (bytes) => (seen = bytes)))
    found.push(...batch.map(({ data }) => JSON.parse(data.toString()) as string));
  return { found, seen };
};

describe('the events of an export', () => {
  it('are all there, however the bytes come', async () => {
    const bodies = fc.array(fc.oneof(fc.string(), fc.constantFrom('é'.repeat(90_000), '\u2028\n')));
    await fc.assert(
      fc.asyncProperty(bodies, fc.integer({ min: 7, max: 200_000 }), async (given, most) => {
        const text = given.map((body, at) => lineOf(at, body)).join('');
        expect(await read(text, most)).toEqual({ found: given, seen: Buffer.byteLength(text) });
      }),
      { numRuns: propertyRuns(30) },
    );
  });

  it('are refused by the number of the line that is cut off, or is none', async () => {
    const text = lineOf(1, 'one') + lineOf(2, 'two');
    await expect(read(text.slice(0, -1))).rejects.toThrow('Line 2 was cut off');
    await expect(read(`${text}{}\n`)).rejects.toThrow("Line 3 can't be read");
    await expect(read(`${text}\n`)).rejects.toThrow("Line 3 can't be read");
  });

  it('without line breaks do not fill memory', async () => {
    const endless = {
      read: async (into: Buffer, offset: number, length: number) => {
        into.fill('a', offset, offset + length);
        return { bytesRead: length };
      },
    };
    const reading = exportedEvents(endless);
    await expect(reading.next()).rejects.toThrow('Line 1 never ends');
  });
});
