import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { encodeEntry } from '#libs/audit-log/entry/event-entry.js';
import { hashLeaf } from '#libs/audit-log/merkle/hashing.js';
import { startTestAudit } from '#test/support/audit-app.js';
import { startEventStore } from '#test/support/event-store.js';
import { fencesOf, sectionOf, tableOf } from '#test/support/markdown.js';
import { newEvent } from '#test/support/new-event.js';
import { verbatimCommand } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';

const PAGE = join(import.meta.dirname, '../../docs/audit.md');

describe('the page on the audit log', () => {
  it('shows the entry and the leaf of its example as they are', async () => {
    const page = await readFile(PAGE, 'utf8');
    const shown = tableOf(page, 'field').map((row) => row.at(-1)!.replaceAll('`', ''));
    const entry = encodeEntry({
      stream: 'messages-general',
      revision: 41,
      type: 'MessagePosted',
      eventId: '0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f',
      ticks: BigInt(Date.parse('2026-11-23T18:30:00Z')) * 10_000n,
      isJson: true,
      data: Buffer.from('{"bot":"alice","body":"hi"}'),
      metadata: Buffer.from('{"schema":1}'),
    });
    expect(shown.join('')).toBe(entry.toString('hex'));
    expect(fencesOf(page)[0]!.text.trim()).toBe(hashLeaf(entry).toString('hex'));
  });

  it('verifies a log with the commands that it shows', async () => {
    const page = await readFile(PAGE, 'utf8');
    const commands = fencesOf(sectionOf(page, 'How to verify')).map(({ text }) => text);
    const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-docs-'));
    const server = await startEventStore();
    const audit = await startTestAudit(server.connectionString, { pace: { events: 2, ms: 50 } });
    try {
      await audit.store.append('messages-general', [newEvent('one'), newEvent('two')], 'no_stream');
      await waitFor('a checkpoint', () => audit.keeper.served);
      const shell = `set -e\nverbatim() { ${verbatimCommand([]).join(' ')} "$@"; }\n${commands.join('')}`;
      const env = { ...process.env, VERBATIM_URL: audit.url, VERBATIM_KEY: 'auditor-key' };
      const { stdout } = await promisify(execFile)('bash', ['-c', shell], { cwd: folder, env });
      expect(stdout.match(/^Verified/gm)).toHaveLength(2);
      expect(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'))).toMatchObject({
        result: 'verified',
        log: { keyWasGiven: true, proven: expect.any(Number) as number, checkpoints: { held: 2 } },
      });
      expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('<h1>Verified');
    } finally {
      await audit.stop();
      await server.stop();
      await rm(folder, { recursive: true });
    }
  });
});
