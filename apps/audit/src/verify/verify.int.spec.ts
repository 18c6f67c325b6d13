import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeNoteKey } from '#libs/audit-log/note/note-key.js';
import { startEmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import type { EmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import { CHECKPOINTS_STREAM } from '#libs/domain/stream-names.js';
import { collect } from '#test/support/collect.js';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { flipStored } from '#test/support/flip-stored.js';
import { newEvent } from '#test/support/new-event.js';
import { rewriteLog, type LogRecord } from '#test/support/rewrite-log.js';
import { scavenge } from '#test/support/scavenge.js';
import { waitFor } from '#tools/harness/wait-for.js';
import type { VerificationState } from './verifications.js';

const PACE = { events: 4, ms: 50 };
const STREAM = 'messages-general';

let folder: string;
let server: EmbeddedEventStore;
let audit: TestAudit;
let isRunning = false;
/** The positions of messages, by their numbers. */
const positions: bigint[] = [];

const store = (): string => join(folder, 'store');

const start = async (): Promise<void> => {
  server = await startEmbeddedEventStore({ dataDir: store() });
  audit = await startTestAudit(server.connectionString, { dataDir: folder, pace: PACE });
  isRunning = true;
};

const stop = async (): Promise<void> => {
  if (!isRunning) return;
  isRunning = false;
  await audit.stop();
  await server.close();
};

beforeEach(async () => {
  positions.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'verbatim-test-verify-'));
  await start();
});
afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

/** Resolves with the text of a checkpoint that covers everything in the log but later checkpoints. */
const whenSigned = (): Promise<string> =>
  waitFor('a checkpoint of everything', () => {
    const { tree, served } = audit.keeper;
    const hasAll = tree?.last !== undefined && tree.last.position.commit >= (positions.at(-1) ?? 0n);
    return hasAll && served && served === tree.seen.newest && tree.unsigned === 0 ? served.text : undefined;
  });

/** Posts some messages, each with a checkpoint after it, and resolves with the newest checkpoint. */
const post = async (first: number, count: number): Promise<string> => {
  let text = '';
  for (let number = first; number < first + count; number += 1) {
    const { position } = await audit.store.append(STREAM, [newEvent(`message ${number}.`)], 'any');
    positions[number] = position.commit;
    text = await whenSigned();
  }
  return text;
};

const request = async (method: string, body?: object, key = 'auditor-key'): Promise<[number, unknown]> => {
  const response = await fetch(`${audit.url}/v1/audit/verify`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return [response.status, await response.json()];
};

const whenEnded = (): Promise<VerificationState> =>
  waitFor('the end of the verification', async () => {
    const [, state] = (await request('GET')) as [number, VerificationState];
    return state.state === 'running' ? undefined : state;
  });

const verify = async (...checkpoints: string[]) => {
  expect(await request('POST', { checkpoints })).toMatchObject([202, { state: 'running' }]);
  const { state, result, why } = await whenEnded();
  expect([state, why]).toEqual(['done', undefined]);
  return result!;
};

const isMessage = ({ stream, event }: LogRecord, number: number): boolean =>
  stream === STREAM && event.data.includes(`message ${number}.`);

const harm = async (change: (records: LogRecord[], at: number) => readonly LogRecord[]): Promise<void> => {
  await stop();
  rewriteLog(store(), (records) =>
    change(
      records,
      records.findIndex((record) => isMessage(record, 5)),
    ),
  );
  await start();
};

describe('a log that nobody has harmed', () => {
  it('is verified, with the checkpoints that somebody sends', async () => {
    const early = await post(0, 3);
    const late = await post(3, 3);
    const found = await verify(early, late);
    expect(found).toMatchObject({ result: 'verified', keyWasGiven: false, findings: [] });
    expect(found.checkpoints.held).toBe(3);
    const events = await collect(audit.store.readStream(CHECKPOINTS_STREAM));
    expect(found.checkpoints.logged).toBe(events.length);
    expect(found.events).toBe(events.length + 6);
  });
});

describe('a log that somebody has harmed', () => {
  it('by a byte on disk is not verified, and the event is named', async () => {
    await post(0, 10);
    await stop();
    flipStored(store(), 'message 5.');
    await start();
    expect(await verify()).toMatchObject({
      result: 'not_verified',
      firstWrong: { position: `${positions[5]}`, stream: STREAM, revision: 5 },
      findings: [{ kind: 'damaged' }],
    });
  });

  it('by other bytes with good sums is not verified, and the event is named', async () => {
    await post(0, 10);
    await harm((records, at) =>
      records.with(at, {
        ...records[at]!,
        event: {
          ...records[at]!.event,
          data: Buffer.from(records[at]!.event.data.toString().replace('5', '6')),
        },
      }),
    );
    await waitFor('the tree that the server has kept', () => audit.keeper.tree);
    const { result, firstWrong, findings } = await verify();
    expect([result, findings.length]).toEqual(['not_verified', 1]);
    expect(firstWrong).toMatchObject({ position: `${positions[5]}`, stream: STREAM, revision: 5 });
  });

  const HARMS: Readonly<Record<string, (records: LogRecord[], at: number) => readonly LogRecord[]>> = {
    'a removed event': (records, at) => records.toSpliced(at, 1),
    'an inserted event': (records, at) =>
      records.toSpliced(at, 0, {
        ...records[at]!,
        event: { ...records[at]!.event, id: Buffer.alloc(16, 7) },
      }),
    'two events in another order': (records, at) => {
      const [one, other] = [records[at]!, records[at + 1]!];
      return records.toSpliced(at, 2, other, one);
    },
  };

  it.each(Object.keys(HARMS))('is not verified, and its place is named: %s', async (what) => {
    await post(0, 10);
    await harm(HARMS[what]!);
    const { result, findings } = await verify();
    expect(result).toBe('not_verified');
    const { at, upTo = at } = findings.find(({ kind }) => kind === 'changed')!;
    expect(BigInt(at!.position)).toBeLessThanOrEqual(positions[5]!);
    expect(BigInt(upTo!.position)).toBeGreaterThanOrEqual(positions[5]!);
  });

  it('by a scavenge of events that are in the tree names those that are missing', async () => {
    await post(0, 10);
    await audit.store.setStreamMetadata(STREAM, { maxCount: 4 });
    await scavenge(server.connectionString);
    const { result, findings } = await verify();
    expect(result).toBe('not_verified');
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: 'gap', text: 'Before it, revisions 0 to 5 are missing in the stream' }),
    );
  });

  it('by cutting off its end is not verified, by what the server remembers', async () => {
    await post(0, 10);
    await harm((records, at) => records.slice(0, at));
    const { result, findings } = await verify();
    expect(result).toBe('not_verified');
    const cut = findings.find(({ kind }) => kind === 'cut_off')!;
    expect(cut.text).toContain('newest-checkpoint.json covers');
    expect(cut.after).toBeDefined();
  });

  it('by yesterday’s copy of everything is caught by a checkpoint from outside alone', async () => {
    await post(0, 5);
    await stop();
    const copy = `${folder}-copy`;
    await cp(folder, copy, { recursive: true });
    await start();
    const today = await post(5, 5);
    await stop();
    await rm(folder, { recursive: true });
    await cp(copy, folder, { recursive: true });
    await rm(copy, { recursive: true });
    await start();
    expect(await verify()).toMatchObject({ result: 'verified' });
    expect(await verify(today)).toMatchObject({
      result: 'not_verified',
      findings: [{ kind: 'cut_off', after: { stream: expect.any(String) as string } }],
    });
  });

  it('and computed anew with its own key is caught by a checkpoint from outside alone', async () => {
    const early = await post(0, 3);
    const late = await post(3, 6);
    await stop();
    rewriteLog(store(), (records) =>
      records
        .filter(({ stream }) => stream !== CHECKPOINTS_STREAM)
        .map((record) => {
          const data = record.event.data.toString().replace('message 5.', 'message x.');
          return { ...record, event: { ...record.event, data: Buffer.from(data) } };
        }),
    );
    for (const name of ['tree.json', 'newest-checkpoint.json']) await rm(join(folder, 'audit-log', name));
    positions.length = 0;
    await start();
    await whenSigned();
    await post(9, 5);
    expect(await verify()).toMatchObject({ result: 'verified' });
    for (const held of [[late], [early, late]])
      expect(await verify(...held)).toMatchObject({
        result: 'not_verified',
        firstWrong: { position: expect.any(String) as string },
        findings: [{ kind: 'changed', upTo: { position: expect.any(String) as string } }],
      });
  });
});

describe('the route', () => {
  it('says that there was none, takes one at a time, and stops it', async () => {
    expect(await request('GET')).toEqual([200, { state: 'none' }]);
    expect(await request('DELETE')).toEqual([200, { state: 'none' }]);
    await post(0, 1);
    const asked = await Promise.all([request('POST'), request('POST'), request('POST', {}, 'admin-key')]);
    expect(asked.map(([status]) => status)).toEqual(expect.arrayContaining([202, 429, 429]));
    const [status, stopped] = (await request('DELETE')) as [number, VerificationState];
    expect(status).toBe(200);
    expect(['stopped', 'done']).toContain(stopped.state);
    expect((await request('POST'))[0]).toBe(202);
    expect(await whenEnded()).toMatchObject({ state: 'done', progress: { done: 1 } });
  });

  it('refuses bots, and what is no checkpoint or key', async () => {
    const late = await post(0, 1);
    expect((await request('POST', {}, 'bot-key'))[0]).toBe(403);
    const key = audit.keeper.tree!.seen.key!;
    const other = makeNoteKey('verbatim/other').signer.verifier.text;
    const refused = [
      [{ checkpoints: 'x' }, /Field "checkpoints" must be a list/],
      [{ checkpoints: ['nonsense'] }, /Field "checkpoints": checkpoint 1 of those sent can't be used/],
      [{ checkpoints: [late], key: other }, /is one of another log/],
      [{ key: 'nonsense' }, /Field "key" must be/],
      [{ colour: 1 }, /colour/],
    ] as const;
    for (const [body, detail] of refused)
      expect(await request('POST', body)).toMatchObject([
        400,
        { code: 'invalid_payload', detail: expect.stringMatching(detail) as string },
      ]);
    expect(await request('POST', { checkpoints: [late], key })).toMatchObject([202, {}]);
    expect(await whenEnded()).toMatchObject({ result: { result: 'verified', keyWasGiven: true } });
    expect((await request('POST', { key: other }))[0]).toBe(202);
    expect(await whenEnded()).toMatchObject({
      result: { result: 'not_verified', findings: [{ kind: 'false_checkpoint' }] },
    });
  });
});
