import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MILESTONES_STREAM } from '#libs/domain/stream-names.js';
import { collect } from '#test/support/collect.js';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { MilestoneKeeper } from './milestones/milestone-keeper.js';

let server: TestEventStore;
let audit: TestAudit;

beforeAll(async () => {
  server = await startEventStore();
  audit = await startTestAudit(server.connectionString);
});
afterAll(async () => {
  await audit?.stop();
  await server?.stop();
});

const others = async (count: number): Promise<void> => {
  await audit.store.append(
    'other-1',
    Array.from({ length: count }, () => newEvent()),
    'any',
  );
};

/** These tests build on one another. */
describe('on a log without an event that they use', () => {
  it('a replay that follows one channel delivers its first message', async () => {
    await others(5);
    const response = await fetch(`${audit.url}/v1/audit/events?channel=live&follow=true&limit=1`, {
      headers: { authorization: 'Bearer auditor-key', 'accept-encoding': 'identity' },
    });
    await others(5);
    await audit.store.append('messages-live', [newEvent('at last')], 'any');
    const lines = (await response.text()).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { stream: string }).stream)).toEqual(['messages-live']);
  });

  it('milestones are set, at events only', async () => {
    const failures: Error[] = [];
    const keeper = new MilestoneKeeper(audit.store, 'spec', (error) => failures.push(error), 1);
    keeper.start();
    for (let round = 0; round < 3; round += 1) await others(300);
    const milestones = await waitFor('milestones', async () => {
      const found = await collect(audit.store.readStream(MILESTONES_STREAM));
      return found.length >= 2 ? found : undefined;
    });
    await keeper.stopMilestones();
    const positions = new Set<string>();
    for await (const { position } of audit.store.readAll()) positions.add(`${position.commit}`);
    for (const { data } of milestones) expect(positions).toContain((data as { position: string }).position);
    expect(failures).toEqual([]);
  });
});
