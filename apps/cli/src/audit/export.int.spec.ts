import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { ApiClient } from '../client/api-client.js';
import { CommandFailed } from '../command-failed.js';
import { exportEvents } from './export-events.js';
import { progressLine, progressOf } from './progress.js';
import type { ReplayOptions } from './replay-query.js';

let server: TestEventStore;
let audit: TestAudit;
let folder: string;
let client: ApiClient;

const quiet = { compress: false, onProgress: () => undefined };
const EVENTS = 40;
const STREAM = { stream: 'messages-general' };

const overHttp = async (query: string): Promise<Buffer> => {
  const headers = { authorization: 'Bearer auditor-key' };
  const response = await fetch(`${audit.url}/v1/audit/events${query}`, { headers });
  return Buffer.from(await response.arrayBuffer());
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verbatim-export-'));
  server = await startEventStore();
  audit = await startTestAudit(server.connectionString);
  client = new ApiClient(audit.url, 'auditor-key');
  for (let index = 0; index < EVENTS; index += 1)
    await audit.store.append('messages-general', [newEvent(`${index}${'é"'.repeat(index * 50)}`)], 'any');
});

afterAll(async () => {
  await audit?.stop();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('an export', () => {
  it.each(['ndjson', 'csv', 'spreadsheet', 'cloudevents'])(
    'cut at any byte and run again is the same file: %s',
    async (format) => {
      const whole = await overHttp(`?stream=messages-general&format=${format}`);
      const cuts = fc.integer({ min: 0, max: whole.length });
      await fc.assert(
        fc.asyncProperty(cuts, fc.constantFrom('forwards', 'backwards'), async (cut, direction) => {
          const query = `?stream=messages-general&format=${format}&direction=${direction}`;
          const expected = direction === 'forwards' ? whole : await overHttp(query);
          const out = join(folder, `cut.${direction}.${format}`);
          await writeFile(out, expected.subarray(0, cut));
          const { bytes, position } = await exportEvents(
            client,
            out,
            { ...STREAM, format, direction },
            quiet,
          );
          expect((await readFile(out)).equals(expected)).toBe(true);
          expect(bytes).toBe(expected.length);
          expect(expected.toString()).toContain(position);
        }),
        { numRuns: propertyRuns(25) },
      );
    },
  );

  it('says how much was written, and writes nothing where there is nothing', async () => {
    const out = join(folder, 'count.csv');
    const options: ReplayOptions = { ...STREAM, format: 'csv' };
    expect(await exportEvents(client, out, options, quiet)).toMatchObject({ events: EVENTS, out });
    expect(await exportEvents(client, out, options, quiet)).toMatchObject({ events: 0 });
    const none = join(folder, 'none');
    expect(await exportEvents(client, none, { stream: 'messages-none' }, quiet)).toMatchObject({
      events: 0,
      bytes: 0,
    });
  });

  it.each(['ndjson', 'csv'])('with a limit has no more events when it is continued: %s', async (format) => {
    const out = join(folder, `limited.${format}`);
    const options = { ...STREAM, format, limit: '20' };
    await exportEvents(client, out, options, quiet);
    const whole = await readFile(out);
    for (const cut of [whole.length, Math.floor(whole.length / 2), 10]) {
      await truncate(out, cut);
      await exportEvents(client, out, options, quiet);
      expect((await readFile(out)).equals(whole)).toBe(true);
    }
  });

  it('is the same when the transfer is compressed', async () => {
    const out = join(folder, 'compressed');
    await exportEvents(client, out, STREAM, { ...quiet, compress: true });
    expect((await readFile(out)).equals(await overHttp('?stream=messages-general'))).toBe(true);
  });

  it('of the whole log ends, though its own reading is recorded in the log', async () => {
    const out = join(folder, 'whole');
    const { events, position } = await exportEvents(client, out, {}, quiet);
    expect(events).toBeGreaterThan(EVENTS);
    const again = await overHttp(`?to=${BigInt(position!) + 1n}`);
    expect((await readFile(out)).equals(again)).toBe(true);
  });

  it('does not touch a file that it did not write', async () => {
    const out = join(folder, 'letter.txt');
    await writeFile(out, 'Dear Alice\n');
    await expect(exportEvents(client, out, STREAM, quiet)).rejects.toThrow('choose another --out');
    expect(await readFile(out, 'utf8')).toBe('Dear Alice\n');
    await appendFile(out, 'unfinished');
    await expect(exportEvents(client, out, STREAM, quiet)).rejects.toThrow(CommandFailed);
    await truncate(out);
    expect(await exportEvents(client, out, STREAM, quiet)).toMatchObject({ events: EVENTS });
  });

  it.each<[string, ReplayOptions]>([
    ['another stream', { stream: 'messages-other' }],
    ['fewer events', { ...STREAM, limit: '3' }],
    ['the other direction', { ...STREAM, direction: 'backwards' }],
    ['nothing left out', {}],
  ])('is not continued by another query: %s', async (_, other) => {
    const out = join(folder, 'of-a-query');
    await exportEvents(client, out, STREAM, quiet);
    await truncate(out, 5_000);
    const half = await readFile(out);
    await expect(exportEvents(client, out, other, quiet)).rejects.toThrow(
      'started with other options, {"direction":"forwards","format":"ndjson","stream":"messages-general"}',
    );
    expect((await readFile(out)).equals(half)).toBe(true);
    await exportEvents(client, out, { ...STREAM, format: 'ndjson' }, quiet);
    expect((await readFile(out)).equals(await overHttp('?stream=messages-general'))).toBe(true);
    await truncate(out);
    await expect(exportEvents(client, out, other, quiet)).resolves.toBeDefined();
    await rm(out);
  });

  it('that is cut off says so, and the next run continues it', async () => {
    const out = join(folder, 'cut-off');
    const whole = await overHttp('?stream=messages-general');
    // Passes requests on to the server, and cuts the long answer off in the middle.
    const pass = async (url: string, response: ServerResponse): Promise<void> => {
      const body = await overHttp(url.replace('/v1/audit/events', ''));
      if (body.length < whole.length) response.end(body);
      else response.write(body.subarray(0, body.length / 2), () => response.destroy());
    };
    const proxy = createServer((request, response) => void pass(request.url!, response));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const cutting = new ApiClient(`http://127.0.0.1:${port}`, 'auditor-key');
    await expect(exportEvents(cutting, out, STREAM, quiet)).rejects.toThrow('run the same command again');
    proxy.close();
    await exportEvents(client, out, STREAM, quiet);
    expect((await readFile(out)).equals(whole)).toBe(true);
  });

  it('passes on what the server refuses', async () => {
    const asked = exportEvents(client, join(folder, 'x'), { channel: 'no.dots' }, quiet);
    await expect(asked).rejects.toThrow('Field "channel" must match');
  });
});

describe('the progress of an export', () => {
  it('shows the share, the rate and the time left', () => {
    const progress = progressOf({ events: 500, seconds: 10, first: 1_000n, last: 5_000n, at: 2_000n });
    expect(progress).toEqual({ events: 500, done: 0.25, eventsPerSecond: 50, secondsLeft: 30 });
    expect(progressLine(progress)).toBe('[======                  ]  25 %  500 events  50/s  0:30 left');
  });

  it('works backwards too, and is done when there is only one event', () => {
    expect(progressOf({ events: 1, seconds: 1, first: 5_000n, last: 1_000n, at: 2_000n }).done).toBe(0.75);
    expect(progressOf({ events: 1, seconds: 1, first: 5n, last: 5n, at: 5n }).done).toBe(1);
  });
});
