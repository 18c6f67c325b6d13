import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeEntry, encodeLostEntry } from '#libs/audit-log/entry/event-entry.js';
import { hashLeaf } from '#libs/audit-log/merkle/hashing.js';
import { startEmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import type { EmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { ServedLog } from '#test/support/audit-log/served-log.js';
import { flipStored } from '#test/support/flip-stored.js';
import { newEvent } from '#test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';

const PACE = { events: 50, ms: 100 };
const STREAM = 'messages-hit';

let folder: string;
let server: EmbeddedEventStore;
const running: TestAudit[] = [];

const startStore = async (): Promise<void> => {
  server = await startEmbeddedEventStore({ dataDir: join(folder, 'store') });
};

const startAudit = async (): Promise<TestAudit> => {
  const audit = await startTestAudit(server.connectionString, { dataDir: folder, pace: PACE });
  running.push(audit);
  return audit;
};

const stopAudits = async (): Promise<void> => {
  for (const audit of running.splice(0)) await audit.stop();
};

/** Three messages, of which the second one is damaged while the store does not run. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verbatim-test-tree-'));
  await startStore();
  const store = new EventStore({ connectionString: server.connectionString });
  for (const body of ['first', 'second', 'third'])
    await store.append(STREAM, [newEvent(`hit ${body}`)], 'any');
  await store.close();
  await server.close();
  flipStored(join(folder, 'store'), 'hit second');
  await startStore();
});
afterEach(async () => {
  await stopAudits();
  await server.close();
  await rm(folder, { recursive: true });
});

const decide = ({ store }: TestAudit): void =>
  store.setAside.setAside({ stream: STREAM, revision: 1, reason: 'lost', keyId: 'k', at: '2026-01-01' });

const whenServed = (audit: TestAudit) => waitFor('a checkpoint', () => audit.keeper.served, 20_000);

describe('a damaged event that is not in the tree yet', () => {
  it('halts the tree and is named until an admin sets it aside; its leaf says which event it was', async () => {
    const audit = await startAudit();
    await waitFor('trouble', () => audit.keeper.trouble?.includes(`Event 1 of ${STREAM} is damaged`));
    expect(audit.keeper.tree).toBeUndefined();
    expect(audit.keeper.progress.marksWhen(false).waiting).toBeGreaterThan(0);
    decide(audit);
    const { size, root } = await whenServed(audit);
    expect(size).toBe(3);
    const entries = await new ServedLog(audit.url).entries(size);
    expect(entries[1]).toEqual(encodeLostEntry({ stream: STREAM, revision: 1 }));
    const leaf = await audit.keeper.tree!.files.readNodes({ level: 0, first: 1, count: 1 });
    expect(hashLeaf(entries[1]!)).toEqual(leaf);

    await stopAudits();
    await rm(join(folder, 'audit-log/tree.json'));
    const again = await startAudit();
    decide(again);
    const served = await whenServed(again);
    expect([served.size, served.root]).toEqual([size, root]);
  });
});

describe('the entry of a lost event', () => {
  it('is the entry of no other event', () => {
    const lost = encodeLostEntry({ stream: STREAM, revision: 1 });
    expect(lost.toString('hex')).toBe(`02000c${Buffer.from(STREAM).toString('hex')}0000000000000001`);
    const whole = encodeEntry({
      stream: STREAM,
      revision: 1,
      type: '',
      eventId: '00000000-0000-0000-0000-000000000000',
      ticks: 0n,
      isJson: false,
      data: Buffer.alloc(0),
      metadata: Buffer.alloc(0),
    });
    expect(whole[0]).not.toBe(lost[0]);
    expect(encodeLostEntry({ stream: STREAM, revision: 2 })).not.toEqual(lost);
  });
});
