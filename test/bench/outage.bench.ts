import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { printTable } from './harness/results.js';
import { median, round } from '#tools/harness/measure/statistics.js';

export type OutageOptions = Readonly<{ runs: number; seconds: number }>;

const CHANNEL = 'general';

/**
 * Measures how long it takes, once PostgreSQL accepts connections again, until admins get answers from it, and until
 * they see a message that was posted while it was away.
 */
export const outage = async ({ runs, seconds }: OutageOptions): Promise<object> => {
  const roles = await startRoles({ gateways: 1, projectors: 1, admins: 1 });
  const answered: number[] = [];
  const shown: number[] = [];
  try {
    const gateway = roles.gateways[0]!.api;
    const key = await gateway.createBot('alice');
    await gateway.addMember(CHANNEL, 'alice');
    for (let run = 0; run < runs; run += 1) {
      const words = `run ${run}`;
      await waitFor('an answer to remember', async () => (await ask(roles)).isFresh, 30_000);
      await roles.postgres.stopServer('crash');
      await sleep((seconds * 1_000) / 2);
      const post = { id: uuidv7(), channel: CHANNEL, body: words };
      await waitFor(
        'the post',
        async () => (await gateway.request('POST', '/v1/messages', post, key)).status < 300,
      );
      await sleep((seconds * 1_000) / 2);
      await roles.postgres.restart();
      const back = performance.now();
      await waitFor('an answer', async () => (await ask(roles)).isFresh, 60_000, 10);
      answered.push(performance.now() - back);
      await waitFor('the message', async () => (await ask(roles)).text.includes(words), 60_000, 10);
      shown.push(performance.now() - back);
    }
  } finally {
    await roles.remove();
  }
  printTable(`After PostgreSQL was away for ${seconds} s, from its return (ms)`, [
    rowOf('admins are answered from it', answered),
    rowOf('what was posted meanwhile is shown', shown),
  ]);
  return { answered, shown };
};

const ask = async (roles: Roles): Promise<{ isFresh: boolean; text: string }> => {
  const { status, headers, text } = await roles.admins[0]!.api.request(
    'GET',
    `/v1/messages?channel=${CHANNEL}`,
  );
  return { isFresh: status === 200 && headers.get('x-verbatim-stale') === null, text };
};

const rowOf = (what: string, samples: readonly number[]) => ({
  what,
  samples: samples.length,
  median: round(median(samples), 0),
  max: round(Math.max(...samples), 0),
});
