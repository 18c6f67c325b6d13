import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { openCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { hashLeaf, sha256 } from '#libs/audit-log/merkle/hashing.js';
import { provesConsistency, provesInclusion } from '#libs/audit-log/merkle/verify-proof.js';
import { readNoteVerifier } from '#libs/audit-log/note/note-key.js';
import { messageEventId } from '#libs/delivery/message-event-id.js';
import type { Json } from '#libs/domain/json.js';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { ServedLog } from '#test/support/audit-log/served-log.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { forge, forgedEvent } from '#test/support/forge.js';
import { waitFor } from '#tools/harness/wait-for.js';
import type { MessageProof } from './message-proof.js';

/** Changed by a test that wants no more checkpoints. */
const pace = { events: 50, ms: 100 };

let server: TestEventStore;
let folder: string;
let audit: TestAudit;

beforeAll(async () => {
  server = await startEventStore();
  folder = await mkdtemp(join(tmpdir(), 'verbatim-test-proof-'));
  audit = await startTestAudit(server.connectionString, { dataDir: folder, pace });
  for (const channel of ['general', 'private']) {
    await forge(audit.store, `channel-${channel}`, 'ChannelOpened', { channel, visibility: 'private' });
    await forge(audit.store, `channel-${channel}`, 'BotJoined', { channel, bot: 'bob', from: -1 });
  }
  await forge(audit.store, 'channel-general', 'BotJoined', { channel: 'general', bot: 'alice', from: -1 });
});
afterAll(async () => {
  await audit?.stop();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

type Said = Readonly<{ channel?: string; target?: string; body?: string }>;

/** Stores a message of bob as a gateway would, and returns its id. */
const say = async (type: string, { channel = 'general', ...more }: Said = {}): Promise<string> => {
  const id = uuidv7();
  const data: Json = { id, channel, bot: 'bob', ...(type !== 'MessageRedacted' && { body: 'hi' }), ...more };
  const event = { ...forgedEvent(type, data), eventId: messageEventId('bob', id) };
  await audit.store.append(`messages-${channel}`, [event], 'any');
  return id;
};

const ask = async (path: string, key = 'bot-key'): Promise<Response> =>
  fetch(`${audit.url}/v1/messages/${path}`, { headers: { authorization: `Bearer ${key}` } });

const proofOf = (id: string, query = '', key?: string): Promise<MessageProof> =>
  waitFor('a proof', async () => {
    const response = await ask(`bob/${id}/proof${query}`, key);
    const body = (await response.json()) as MessageProof & { code?: string };
    if (response.ok) return body;
    expect(['proof_not_ready', 'audit_log_unavailable']).toContain(body.code);
    return undefined;
  });

const refusal = async (path: string, key?: string): Promise<unknown> => {
  const response = await ask(path, key);
  const { code, retryable } = (await response.json()) as { code: string; retryable: boolean };
  return [response.status, code, retryable];
};

const verified = async (proof: MessageProof): Promise<boolean> => {
  const key = readNoteVerifier(await new ServedLog(audit.url).text('key'));
  const entry = Buffer.from(proof.entry, 'base64');
  const path = proof.path.map((hash) => Buffer.from(hash, 'base64'));
  const leaf = { index: proof.index, hash: hashLeaf(entry) };
  return provesInclusion(path, leaf, openCheckpoint(proof.checkpoint, key));
};

describe('the proof of a message', () => {
  it('shows that it is in the log, to a member, an auditor and an admin', async () => {
    const id = await say('MessagePosted');
    const proof = await proofOf(id);
    expect(proof).toMatchObject({ bot: 'bob', id, channel: 'general', seq: 0 });
    expect(await verified(proof)).toBe(true);
    const data = Buffer.from(proof.data!, 'base64');
    expect(JSON.parse(data.toString())).toMatchObject({ id, body: 'hi', bot: 'bob', channel: 'general' });
    const entry = Buffer.from(proof.entry, 'base64');
    expect(entry.includes(sha256(data))).toBe(true);
    expect(entry.subarray(3, 3 + 16).toString()).toBe('messages-general');
    expect(await verified({ ...proof, index: proof.index + 1 })).toBe(false);
    for (const key of ['auditor-key', 'admin-key'])
      expect((await proofOf(id, '', key)).index).toBe(proof.index);
    expect((await proofOf(id.toUpperCase())).index).toBe(proof.index);
  });

  it('shows that the log continues a checkpoint that was kept', async () => {
    const earlier = await proofOf(await say('MessagePosted'));
    for (let count = 0; count < 70; count += 1) await say('MessagePosted');
    const key = readNoteVerifier(await new ServedLog(audit.url).text('key'));
    const kept = openCheckpoint(earlier.checkpoint, key);
    const later = await proofOf(await say('MessagePosted'), `?since=${kept.size}`);
    const consistency = later.consistency!.map((hash) => Buffer.from(hash, 'base64'));
    const now = openCheckpoint(later.checkpoint, key);
    expect(now.size).toBeGreaterThan(kept.size);
    expect(provesConsistency(consistency, kept, now)).toBe(true);
    expect(provesConsistency(consistency, { ...kept, root: Buffer.alloc(32) }, now)).toBe(false);
  });

  it('no longer holds the content of a message that was redacted, nor that of its edits', async () => {
    const id = await say('MessagePosted');
    const edit = await say('MessageEdited', { target: id, body: 'secret' });
    expect((await proofOf(edit)).data).toBeDefined();
    const redaction = await say('MessageRedacted', { target: id });
    expect((await proofOf(redaction)).data).toBeDefined();
    for (const hidden of [id, edit]) {
      const proof = await proofOf(hidden);
      expect(proof).not.toHaveProperty('data');
      expect(await verified(proof)).toBe(true);
    }
  });

  it('is refused with a reason of its own', async () => {
    const secret = await say('MessagePosted', { channel: 'private' });
    const id = await say('MessagePosted');
    await proofOf(id);
    expect(await refusal(`bob/${secret}/proof`)).toEqual([403, 'forbidden', false]);
    expect((await proofOf(secret, '', 'auditor-key')).channel).toBe('private');
    expect(await refusal(`bob/${uuidv7()}/proof`)).toEqual([404, 'unknown_message', false]);
    expect(await refusal(`alice/${id}/proof`)).toEqual([404, 'unknown_message', false]);
    expect(await refusal(`bob/one/proof`)).toEqual([400, 'invalid_payload', false]);
    expect(await refusal(`b.b/${id}/proof`)).toEqual([400, 'invalid_name', false]);
    for (const query of ['since=-1', 'since=1.5', 'since=', 'size=1', 'since=1&since=2'])
      expect(await refusal(`bob/${id}/proof?${query}`)).toEqual([400, 'invalid_payload', false]);
    expect(await refusal(`bob/${id}/proof?since=999999`)).toEqual([503, 'proof_not_ready', true]);
    expect(await refusal(`bob/${id}/proof`, 'nonsense')).toEqual([401, 'unauthenticated', false]);
  });

  it('is not ready before a checkpoint covers the message', async () => {
    Object.assign(pace, { events: 1e9, ms: 1e9 });
    const id = await say('MessagePosted');
    expect(await refusal(`bob/${id}/proof`)).toEqual([503, 'proof_not_ready', true]);
    Object.assign(pace, { events: 50, ms: 100 });
    expect(await verified(await proofOf(id))).toBe(true);
  });
});
