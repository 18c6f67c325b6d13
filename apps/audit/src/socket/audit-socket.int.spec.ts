import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { formatPosition } from '#libs/event-store/position.js';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';

type Batch = Readonly<{ replay: string; lines: string[]; position: string }>;
type Reply = Readonly<Record<string, unknown>>;

let server: TestEventStore;
let audit: TestAudit;
let end: string;
const open: Socket[] = [];

/** A reader that keeps all batches. It acknowledges them only if asked to. */
class Reader {
  readonly batches: Batch[] = [];
  readonly ends: { event: string; payload: Reply }[] = [];
  readonly owed: (() => void)[] = [];

  constructor(
    readonly socket: Socket,
    acknowledge: boolean,
  ) {
    socket.on('events', (batch: Batch, done: () => void) => {
      this.batches.push(batch);
      if (acknowledge) done();
      else this.owed.push(done);
    });
    for (const event of ['end', 'failed'])
      socket.on(event, (payload: Reply) => void this.ends.push({ event, payload }));
  }

  ask(name: string, payload?: object): Promise<Reply> {
    return this.socket.timeout(5_000).emitWithAck(name, ...(payload ? [payload] : [])) as Promise<Reply>;
  }

  text(): string {
    return this.batches.flatMap(({ lines }) => lines).join('');
  }
}

const connect = async (key = 'auditor-key', acknowledge = true): Promise<Reader> => {
  const socket = io(`${audit.url}/audit`, { auth: { key }, transports: ['websocket'], reconnection: false });
  open.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('connect_error', reject);
  });
  return new Reader(socket, acknowledge);
};

/** Follows the log over HTTP until the signal aborts. */
const follow = async (key: string, signal: AbortSignal): Promise<number> => {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(`${audit.url}/v1/audit/events?follow=true&after=${end}`, { headers, signal });
  return answer.status;
};

const overHttp = async (query: string): Promise<string> => {
  const headers = { authorization: 'Bearer auditor-key' };
  return (await fetch(`${audit.url}/v1/audit/events${query}`, { headers })).text();
};

beforeAll(async () => {
  server = await startEventStore();
  audit = await startTestAudit(server.connectionString);
  for (let left = 600; left > 0; left -= 60) {
    const events = Array.from({ length: 60 }, () => newEvent('é'.repeat(1_000)));
    await audit.store.append('messages-general', events, 'any');
  }
  end = formatPosition((await audit.store.append('messages-end', [newEvent()], 'any')).position);
});

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

afterAll(async () => {
  await audit?.stop();
  await server?.stop();
});

describe('a replay over Socket.IO', () => {
  it('is the same text as over HTTP', async () => {
    const reader = await connect();
    const { ok, replay } = await reader.ask('replay', { to: end });
    expect(ok).toBe(true);
    await waitFor('the end', () => reader.ends.length > 0);
    expect(reader.ends).toEqual([{ event: 'end', payload: { replay, count: 600 } }]);
    expect(reader.text()).toBe(await overHttp(`?to=${end}`));
  });

  it('sends no more than two batches that are not acknowledged', async () => {
    const reader = await connect('auditor-key', false);
    await reader.ask('replay', { to: end });
    await waitFor('two batches', () => reader.batches.length === 2);
    // Answers keep their order, so once this one arrives, nothing else was sent before it.
    await reader.ask('nonsense');
    expect(reader.batches).toHaveLength(2);
    while (reader.ends.length === 0) {
      reader.owed.shift()?.();
      await waitFor('more', () => reader.owed.length > 0 || reader.ends.length > 0);
      await reader.ask('nonsense');
      expect(reader.owed.length).toBeLessThanOrEqual(2);
    }
    expect(reader.text()).toBe(await overHttp(`?to=${end}`));
  });

  it('continues after a position, follows, and stops when asked', async () => {
    const reader = await connect();
    const { replay } = await reader.ask('replay', { after: end, stream: 'messages-live', follow: true });
    await audit.store.append('messages-live', [newEvent('one')], 'any');
    await waitFor('the event', () => reader.text().includes('"one"'));
    expect(await reader.ask('stop', { replay: replay as string })).toEqual({ ok: true });
    expect(await reader.ask('replay', { stream: 'messages-live', limit: 1 })).toMatchObject({ ok: true });
    await waitFor('the end of the other', () => reader.ends.length > 0);
    expect(reader.ends.map(({ payload }) => payload['count'])).toEqual([1]);
  });

  it('ends when the reader leaves, and is in the log as cut', async () => {
    const reader = await connect('admin-key');
    const { replay } = await reader.ask('replay', { follow: true, after: end });
    reader.socket.close();
    await waitFor('the record', async () => {
      const states = (await overHttp('?stream=audit-access'))
        .split('\n')
        .filter((line) => line.includes(replay as string));
      return states.length === 2 && states[1]!.includes('"state":"cut"');
    });
  });
});

describe('a request that can’t be met', () => {
  it.each([
    ['replay', { colour: 'red' }, 'invalid_payload'],
    ['replay', { from: {} }, 'invalid_payload'],
    ['replay', { bot: 'no.dots' }, 'invalid_name'],
    ['replay', { from: '300' }, 'unknown_position'],
    ['stop', { replay: 'none' }, 'invalid_payload'],
    ['stop', undefined, 'invalid_payload'],
    ['toString', {}, 'unknown_event'],
  ])('%s %j: %s', async (name, payload, code) => {
    const reader = await connect();
    expect(await reader.ask(name, payload)).toMatchObject({ ok: false, error: { code } });
    expect(reader.socket.connected).toBe(true);
  });

  it.each([
    ['bot-key', 'forbidden'],
    ['nobody', 'unauthenticated'],
  ])('a connection with %s: %s', async (key, code) => {
    await expect(connect(key)).rejects.toMatchObject({ data: { code } });
  });
});

describe('places for replays', () => {
  const asked = { follow: true, after: '' };

  it('are shared over both roads: a key that takes all it gets leaves some for another', async () => {
    Object.assign(asked, { after: end });
    const hangUp = new AbortController();
    const statuses = await Promise.all(
      Array.from({ length: 20 }, () => follow('auditor-key', hangUp.signal)),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(16);
    const greedy = await connect();
    const refusal = { ok: false, error: { code: 'rate_limited', retryable: true, retryAfterMs: 5_000 } };
    expect(await greedy.ask('replay', asked)).toMatchObject(refusal);
    const other = await connect('admin-key');
    for (let n = 0; n < 8; n += 1) expect(await other.ask('replay', asked)).toMatchObject({ ok: true });
    expect(await other.ask('replay', asked)).toMatchObject(refusal);
    other.socket.close();
    hangUp.abort();
    await waitFor('places', async () => (await greedy.ask('replay', asked))['ok'] === true);
  });

  it('of connections are shared as well', async () => {
    const tried = await Promise.allSettled(Array.from({ length: 60 }, () => connect()));
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    expect(await connect('admin-key')).toBeDefined();
  });
});

describe('a request by a key that was withdrawn', () => {
  it('is refused, and counted under the name of the request', async () => {
    const reader = await connect('admin-key');
    audit.withdraw('admin-key');
    const asked = ['replay', 'stop', 'made-up'].map((name) => reader.ask(name, {}));
    expect((await Promise.all(asked)).map(({ error }) => (error as { code: string }).code)).toEqual([
      'unauthenticated',
      'unauthenticated',
      'unknown_event',
    ]);
    const metrics = await (await fetch(`${audit.url}/metrics`)).text();
    for (const name of ['replay', 'stop'])
      expect(metrics).toContain(`{code="unauthenticated",route="/audit ${name}",role="admin"} 1`);
    expect(metrics).not.toContain('made-up');
    await waitFor('the end', () => !reader.socket.connected);
  });
});
