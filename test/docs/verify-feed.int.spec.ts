import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { encodeEntry } from '#libs/audit-log/entry/event-entry.js';
import { proveConsistency, proveInclusion } from '#libs/audit-log/merkle/make-proof.js';
import { signRotation } from '#libs/audit-log/keys/key-change.js';
import { makeNoteKey } from '#libs/audit-log/note/note-key.js';
import type { Message } from '#libs/protocol/message.js';
import { MemoryTree } from '#test/support/audit-log/memory-tree.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/verify-feed.mjs', import.meta.url));
const AT = '2026-11-23T18:30:00.123Z';

type Draft = { -readonly [Field in keyof Message]: Message[Field] };

/** A server that tells the truth, or lies in one of the ways below. */
class Liar {
  readonly messages: Draft[] = [];
  entries: Buffer[] = [];
  contents: (Buffer | undefined)[] = [];
  key = makeNoteKey('verbatim/spec').signer;
  readonly changes: string[] = [];
  /** Changes the answer with a proof. */
  lie: (proof: Record<string, unknown>) => void = () => undefined;

  say(body: string): void {
    const seq = this.messages.length;
    const message = {
      id: uuidv7(),
      channel: 'general',
      seq,
      kind: 'posted',
      bot: 'ada',
      body,
      at: AT,
    } as const;
    this.messages.push({ ...message });
    this.store(message);
  }

  store({ id, seq, body }: Pick<Message, 'id' | 'seq' | 'body'>): void {
    const data = Buffer.from(JSON.stringify({ id, channel: 'general', bot: 'ada', body }));
    const entry = encodeEntry({
      stream: 'messages-general',
      revision: seq,
      type: 'MessagePosted',
      eventId: uuidv7(),
      ticks: BigInt(Date.parse(AT)) * 10_000n,
      isJson: true,
      data,
      metadata: Buffer.from('{}'),
    });
    this.entries[seq] = entry;
    this.contents[seq] = data;
  }

  async proofOf(id: string, since: number | undefined): Promise<object> {
    const tree = new MemoryTree(this.entries);
    const { size } = tree.frontier;
    const index = this.messages.find((message) => message.id === id)!.seq;
    const proof = {
      checkpoint: signCheckpoint(tree.heads[size]!, this.key),
      index,
      entry: base64(this.entries[index]!),
      data: this.contents[index]?.toString('base64'),
      path: (await proveInclusion(index, size, tree.nodes)).map(base64),
      ...(since && { consistency: (await proveConsistency(since, size, tree.nodes)).map(base64) }),
    };
    this.lie(proof);
    return proof;
  }
}

const base64 = (bytes: Buffer): string => bytes.toString('base64');

let liar: Liar;
let http: HttpServer;
let server: Server;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verbatim-test-feed-'));
  liar = new Liar();
  http = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    if (pathname === '/v1/audit/log/keys') {
      response.end(JSON.stringify({ changes: liar.changes }));
      return;
    }
    const since = searchParams.get('since');
    void liar
      .proofOf(pathname.split('/')[4]!, since === null ? undefined : Number(since))
      .then((proof) => response.end(JSON.stringify(proof)));
  });
  server = new Server(http);
  server.of('/bots').on('connection', (socket) => {
    const { key } = liar;
    const { resume } = socket.handshake.auth as { resume: Record<string, number> };
    socket.emit('ready', { bot: 'bob', auditLog: { origin: key.verifier.name, key: key.verifier.text } });
    const messages = liar.messages.filter(({ seq }) => seq > resume['general']!);
    socket.emit('backlog', { channel: 'general', messages, more: false }, () => undefined);
    socket.emit('caughtup', { channel: 'general' });
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Runs the example until it has proven everything or complains. */
const follow = async (): Promise<string> => {
  const URL = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const env = { ...process.env, URL, KEY: 'k', ONCE: '1', STATE: join(folder, 'state.json') };
  const program = spawn(process.execPath, [EXAMPLE], { env });
  let printed = '';
  for (const stream of [program.stdout, program.stderr])
    stream.on('data', (text: Buffer) => void (printed += text.toString()));
  const [code] = (await once(program, 'close')) as [number];
  expect(printed.includes('NOT PROVEN')).toBe(code !== 0);
  return printed;
};

describe('the example that verifies a feed', () => {
  it('proves each message once, and goes on from what it keeps', async () => {
    for (const body of ['one', 'two', 'thrée']) liar.say(body);
    expect(await follow()).toBe('proven #0 ada: one\nproven #1 ada: two\nproven #2 ada: thrée\n');
    for (const body of ['four', 'five']) liar.say(body);
    expect(await follow()).toBe('proven #3 ada: four\nproven #4 ada: five\n');
    expect(await follow()).toBe('');
  });

  it('follows a change of the log’s key, and no other', async () => {
    liar.say('one');
    await follow();
    const next = makeNoteKey('verbatim/spec').signer;
    const head = { size: 1, root: Buffer.alloc(32) };
    liar.changes.push(signRotation(head, next, next), signRotation(head, liar.key, next));
    liar.key = next;
    liar.say('two');
    expect(await follow()).toBe('proven #1 ada: two\n');
    const stranger = makeNoteKey('verbatim/spec').signer;
    liar.changes.push(signRotation(head, stranger, stranger));
    liar.key = stranger;
    liar.say('three');
    expect(await follow()).toContain('not signed by the log');
  });

  it.each<[string, string, () => void]>([
    ['a changed message', 'changed on its way', () => (liar.messages[3]!.body = 'other')],
    ['a message that is held back', 'seq 3 was held back', () => liar.messages.splice(3, 1)],
    [
      'two messages in each other’s place',
      'NOT PROVEN',
      () => {
        const [a, b] = [liar.messages[3]!, liar.messages[4]!];
        [a.seq, b.seq] = [4, 3];
        liar.messages.splice(3, 2, b, a);
      },
    ],
    [
      'a log that was computed anew with another beginning',
      'it does not continue the checkpoint that was kept',
      () => liar.store({ id: liar.messages[0]!.id, seq: 0, body: 'forged' }),
    ],
    ['another key', 'not signed by the log', () => (liar.key = makeNoteKey('verbatim/spec').signer)],
    [
      'content that is kept back without a redaction',
      'no redaction came',
      () => (liar.lie = (proof) => delete proof['data']),
    ],
    [
      'content that is not the one of the log',
      'another one in the log',
      () => (liar.lie = (proof) => (proof['data'] = base64(Buffer.from('{}')))),
    ],
    ['the path of another leaf', 'NOT PROVEN', () => (liar.lie = (proof) => (proof['index'] = 0))],
    [
      'a checkpoint that nobody has signed',
      'not signed by the log',
      () =>
        (liar.lie = (proof) => (proof['checkpoint'] = (proof['checkpoint'] as string).replace(/^5$/m, '6'))),
    ],
    [
      'the proof of another message',
      'another place',
      () => (liar.lie = (proof) => proof['index'] === 3 && Object.assign(proof, proofOfFirst)),
    ],
  ])('complains about %s', async (_, complaint, lie) => {
    for (const body of ['one', 'two', 'three']) liar.say(body);
    await follow();
    for (const body of ['four', 'five']) liar.say(body);
    proofOfFirst = await liar.proofOf(liar.messages[0]!.id, 3);
    lie();
    expect(await follow()).toContain(complaint);
    const { seq } = JSON.parse(await readFile(join(folder, 'state.json'), 'utf8')) as { seq: number };
    expect(seq).toBeLessThan(5);
  });

  it('complains about a log that lost what was proven', async () => {
    for (const body of ['one', 'two', 'three', 'four']) liar.say(body);
    await follow();
    const file = join(folder, 'state.json');
    const kept = JSON.parse(await readFile(file, 'utf8')) as { seq: number };
    liar.say('five');
    liar.entries[1] = Buffer.from('another');
    await writeFile(file, JSON.stringify(kept));
    expect(await follow()).toContain('the log was changed');
  });
});

let proofOfFirst: object;
