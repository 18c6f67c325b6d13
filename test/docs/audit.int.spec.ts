import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeEntry } from '#libs/audit-log/entry/event-entry.js';
import { hashLeaf } from '#libs/audit-log/merkle/hashing.js';
import { fencesOf, tableOf } from '#test/support/markdown.js';

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
});
