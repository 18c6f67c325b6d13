import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { formatPosition } from '#libs/event-store/position.js';
import { collect } from '#test/support/collect.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';

type Line = Readonly<{ position: string; stream: string; revision: number; type: string; time: string }>;

const COUNT = 60;
let server: TestEventStore;
let audit: TestAudit;
/**
 * The position where the tests' replays end. Replays are recorded in the log themselves, so the log keeps
 * growing.
 */
let end: string;
/** All lines before `end`, as they are printed. */
let all: string[];

const get = (query: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${audit.url}/v1/audit/events${query}`, {
    headers: { authorization: 'Bearer auditor-key', 'accept-encoding': 'identity', ...headers },
  });

const linesOf = async (query: string): Promise<string[]> => {
  const response = await get(query);
  expect(response.status).toBe(200);
  return (await response.text()).split(/(?<=\n)/).filter(Boolean);
};

const parsed = (line: string): Line => JSON.parse(line) as Line;

beforeAll(async () => {
  server = await startEventStore();
  // The role signs checkpoints in the log as time passes, so it comes when the events are there.
  const writer = new EventStore(server);
  for (let index = 0; index < COUNT; index += 1) {
    const event = { ...newEvent(`${index} ${'é\u2028"'.repeat(20)}`), type: index % 3 ? 'Noted' : 'Counted' };
    await writer.append(`messages-${index % 4}`, [event], 'any');
  }
  await writer.setStreamMetadata('messages-0', { maxCount: 1_000 });
  const { position } = await writer.append('messages-end', [newEvent()], 'any');
  end = formatPosition(position);
  await writer.close();
  audit = await startTestAudit(server.connectionString);
  all = await linesOf(`?to=${end}`);
});

afterAll(async () => {
  await audit?.stop();
  await server?.stop();
});

describe('a replay', () => {
  it('prints what the store holds, in its order', async () => {
    const stored = (await collect(audit.store.readAll())).slice(0, COUNT);
    expect(all.map(parsed)).toEqual(
      stored.map(({ position, stream, revision, type, eventId, at, data, metadata }) => ({
        position: `${position.commit}`,
        stream,
        revision,
        type,
        id: eventId,
        time: at.toISOString(),
        data,
        metadata,
      })),
    );
    expect(all).toHaveLength(COUNT);
  });

  const places = fc.nat(COUNT - 1);
  const conditions = fc.record(
    {
      from: places,
      to: places,
      stream: fc.constantFrom('messages-1', 'messages-9'),
      channel: fc.constantFrom('2', '3'),
      type: fc.constantFrom('Noted', 'Counted', '$metadata'),
      limit: fc.integer({ min: 1, max: COUNT }),
      direction: fc.constantFrom('forwards', 'backwards'),
      byTime: fc.boolean(),
    },
    { requiredKeys: ['direction', 'byTime'] },
  );
  const query = conditions.map(({ from, to, ...rest }) => ({
    ...rest,
    ...(from !== undefined && { from: Math.min(from, to ?? from) }),
    ...(to !== undefined && { to: Math.max(to, from ?? to) }),
  }));
  type Query = typeof conditions extends fc.Arbitrary<infer Q> ? Q : never;

  const urlOf = ({ byTime, from, to, ...rest }: Query): string => {
    const place = (index: number): string => parsed(all[index]!)[byTime ? 'time' : 'position'];
    return `?${new URLSearchParams({
      ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)])),
      ...(from === undefined ? {} : { from: place(from) }),
      to: to === undefined ? end : place(to),
    }).toString()}`;
  };

  /** Returns the expected lines by examining all events. */
  const expectedOf = ({ from, to, stream, channel, type, limit, direction, byTime }: Query): string[] => {
    const key = byTime ? 'time' : 'position';
    const index = (at: number): number => all.findIndex((line) => parsed(line)[key] >= parsed(all[at]!)[key]);
    const placeOf = byTime ? index : (at: number) => at;
    const span = all.slice(from === undefined ? 0 : placeOf(from), to === undefined ? COUNT : placeOf(to));
    const fitting = span.filter((line) => {
      const event = parsed(line);
      return (
        (stream ?? event.stream) === event.stream &&
        (type ?? event.type) === event.type &&
        (channel === undefined || event.stream === `messages-${channel}`)
      );
    });
    return (direction === 'forwards' ? fitting : fitting.toReversed()).slice(0, limit);
  };

  it('gives any part of the log, either way, by any conditions', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (wanted) => {
        const lines = await linesOf(urlOf(wanted));
        if (wanted.type !== '$metadata') expect(lines).toEqual(expectedOf(wanted));
      }),
      { numRuns: propertyRuns(80) },
    );
  });

  it('cut after any event and resumed gives the same bytes, in every format', async () => {
    await fc.assert(
      fc.asyncProperty(
        query,
        fc.constantFrom('ndjson', 'csv', 'spreadsheet', 'cloudevents'),
        fc.nat(),
        async (wanted, format, at) => {
          const { limit: _, ...unlimited } = wanted;
          const url = `${urlOf(unlimited)}&format=${format}`;
          const whole = await (await get(url)).text();
          const expected = expectedOf({ ...wanted, limit: COUNT });
          if (expected.length === 0) return;
          const kept = 1 + (at % expected.length);
          const first = await (await get(`${url}&limit=${kept}`)).text();
          const after = parsed(expected[kept - 1]!).position;
          const rest = await (await get(`${url}&after=${after}`)).text();
          expect(first + rest).toBe(whole);
        },
      ),
      { numRuns: propertyRuns(40) },
    );
  });

  it('is compressed for those who ask for it', async () => {
    const plain = all.join('');
    const compressed = await new Promise<Buffer>((resolve, reject) => {
      const url = `${audit.url}/v1/audit/events?to=${end}`;
      const headers = { authorization: 'Bearer auditor-key', 'accept-encoding': 'deflate, gzip' };
      httpRequest(url, { headers }, (response) => {
        expect(response.headers['content-encoding']).toBe('gzip');
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
      })
        .on('error', reject)
        .end();
    });
    expect(gunzipSync(compressed).toString()).toBe(plain);
  });
});

describe('a question that can’t be answered', () => {
  it.each([
    ['?colour=red', 400, 'invalid_payload'],
    ['?from=yesterday', 400, 'invalid_payload'],
    ['?from=2026-11-23T18:30:00', 400, 'invalid_payload'],
    ['?from=9223372036854775808', 400, 'invalid_payload'],
    ['?from=200&to=199', 400, 'invalid_payload'],
    ['?from=2026-11-23T17:30:00-01:00&to=2026-11-23T18:29:59Z', 400, 'invalid_payload'],
    ['?after=2026-11-23', 400, 'invalid_payload'],
    ['?limit=0', 400, 'invalid_payload'],
    ['?limit=many', 400, 'invalid_payload'],
    ['?direction=sideways', 400, 'invalid_payload'],
    ['?format=xml', 400, 'invalid_payload'],
    ['?follow=yes', 400, 'invalid_payload'],
    ['?follow=true&direction=backwards', 400, 'invalid_payload'],
    ['?stream=', 400, 'invalid_payload'],
    ['?type=a&type=b', 400, 'invalid_payload'],
    ['?bot=no.dots', 400, 'invalid_name'],
    ['?channel=', 400, 'invalid_name'],
    ['?from=300', 400, 'unknown_position'],
    ['?after=300&follow=true', 400, 'unknown_position'],
  ])('%s is refused: %i %s', async (query, status, code) => {
    const response = await get(query);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ status, code });
  });

  it('is not one whose times are in order, however they are written', async () => {
    expect((await get('?from=2026-11-23T18:30:00%2B01:00&to=2026-11-23T17:30:00Z')).status).toBe(200);
  });

  it.each([
    ['bot-key', 403],
    ['nobody', 401],
  ])('is one asked with %s: %i', async (key, status) => {
    expect((await get('', { authorization: `Bearer ${key}` })).status).toBe(status);
  });

  it('is one over HTTP/1.0, where an incomplete answer would look complete', async () => {
    const socket = connect(Number(new URL(audit.url).port), '127.0.0.1');
    socket.end('GET /v1/audit/events HTTP/1.0\r\nAuthorization: Bearer auditor-key\r\n\r\n');
    expect(Buffer.concat((await collect(socket)) as Buffer[]).toString()).toMatch(/^HTTP\/1.1 400 /);
  });

  it('admins may ask as well', async () => {
    expect((await get('?limit=1', { authorization: 'Bearer admin-key' })).status).toBe(200);
  });
});

describe('a replay that follows', () => {
  it('continues with new events, over a restart of the store, until the reader leaves', async () => {
    const leaving = new AbortController();
    const response = await fetch(
      `${audit.url}/v1/audit/events?channel=live&follow=true&from=${parsed(all[3]!).position}`,
      {
        headers: { authorization: 'Bearer auditor-key' },
        signal: leaving.signal,
      },
    );
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk;
    })().catch(() => undefined);
    const revisions = (): number[] =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => parsed(line).revision);
    await audit.store.append('messages-live', [newEvent(), newEvent()], 'any');
    await waitFor('the first two', () => revisions().length === 2);
    await server.restart();
    await waitFor('an append to work again', () =>
      audit.store.append('messages-live', [newEvent()], 1).then(
        () => true,
        () => false,
      ),
    );
    await waitFor('the third', () => revisions().length === 3);
    expect(revisions()).toEqual([0, 1, 2]);
    leaving.abort();
    await reading;
  });

  it('begins with the event at its position', async () => {
    const leaving = new AbortController();
    const position = parsed(all[7]!).position;
    const response = await get(`?follow=true&limit=3&from=${position}`);
    expect(await response.text()).toBe(all.slice(7, 10).join(''));
    leaving.abort();
  });
});

describe('a replay of more than connections hold', () => {
  const LARGE = 3_600;
  let own: TestEventStore;
  let patient: TestAudit;
  const headers = { authorization: 'Bearer auditor-key', 'accept-encoding': 'identity' };

  beforeAll(async () => {
    own = await startEventStore();
    patient = await startTestAudit(own.connectionString, { deadlineMs: 1_000 });
    for (let left = LARGE; left > 0; left -= 60) {
      const large = Array.from({ length: 60 }, () => newEvent('x'.repeat(10_000)));
      await patient.store.append('messages-large', large, 'any');
    }
  });

  afterAll(async () => {
    await patient?.stop();
    await own?.stop();
  });

  it('is held back by a reader that does not read, and continues when it does', async () => {
    let read = 0;
    const readStored = patient.store.readStored.bind(patient.store);
    patient.store.readStored = async function* (...args) {
      for await (const batch of readStored(...args)) {
        read += batch.length;
        yield batch;
      }
    };
    const response = await fetch(`${patient.url}/v1/audit/events?stream=messages-large`, { headers });
    let [seen, still] = [-1, 0];
    await waitFor('it to stand still', () => {
      still = read === seen ? still + 1 : 0;
      seen = read;
      return read > 0 && still > 10;
    });
    expect(read).toBeLessThan(LARGE * 0.7);
    const lines = (await response.text()).split('\n');
    expect(lines).toHaveLength(LARGE + 1);
    patient.store.readStored = readStored;
  });

  it('ends with 503 and Retry-After when the store is down, and visibly incomplete when it goes down', async () => {
    const response = await fetch(`${patient.url}/v1/audit/events`, { headers });
    expect(response.status).toBe(200);
    await own.kill();
    await expect(response.text()).rejects.toThrow('terminated');
    const refused = await fetch(`${patient.url}/v1/audit/events`, { headers });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ code: 'store_unavailable', retryable: true });
  });
});
