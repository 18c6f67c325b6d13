import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import type { Reply } from '#tools/harness/bots/test-bot.js';
import { StandInCluster } from '#tools/harness/cluster/stand-in-cluster.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { sequence } from '../support/sequence.js';

const CHANNEL = 'shared';
const LANES = 5;
/** How long a failover may take on a busy machine. */
const PATIENCE_MS = 30_000;

describe('roles on a cluster that loses its leader', () => {
  let cluster: StandInCluster;
  let roles: Roles;
  let bot: TestBot;
  const acknowledged: string[] = [];

  beforeAll(async () => {
    cluster = await StandInCluster.start();
    const env = { VERBATIM_EVENTSTORE_URL: cluster.connectionString };
    roles = await startRoles({ gateways: 1, projectors: 1, admins: 1, env });
    const { api } = roles.gateways[0]!;
    await api.createChannel(CHANNEL);
    const key = await api.createBot('alice');
    await api.addMember(CHANNEL, 'alice');
    bot = await TestBot.connect(api.url, { key });
  });

  afterAll(async () => {
    bot?.close();
    await roles?.remove();
    await cluster?.remove();
  });

  /** Posts again under the same id until the post is accepted, as every bot does. */
  const post = async (): Promise<void> => {
    const id = uuidv7();
    await waitFor(
      'a post to be taken',
      async () => {
        const reply = await bot.socket
          .timeout(PATIENCE_MS)
          .emitWithAck('post', { id, channel: CHANNEL, body: `says ${id}` })
          .catch((): Reply => ({ ok: false }));
        return (reply as Reply).ok;
      },
      PATIENCE_MS,
    );
    acknowledged.push(id);
  };

  /** Posts on several lanes until told to stop. Stopping resolves when all posts are answered. */
  const postOn = () => {
    const over = new AbortController();
    const lanes = Array.from({ length: LANES }, async () => {
      while (!over.signal.aborted) await post();
    });
    return async (): Promise<void> => {
      over.abort();
      await Promise.all(lanes);
    };
  };

  it.each([
    ['killed', (old: number) => cluster.kill(old), (old: number) => cluster.startMember(old)],
    ['held still', async (old: number) => cluster.freeze(old), async (old: number) => cluster.thaw(old)],
    ['replaced by another', (old: number) => cluster.giveLead((old + 1) % 3), async () => undefined],
  ])('accept, deliver and show each post once while the leader is %s and comes back', async (_, go, back) => {
    const stop = postOn();
    await post();
    const old = cluster.leader;
    await go(old);
    await cluster.untilSomeoneLeads(old);
    await post();
    await back(old);
    for (let count = 0; count < LANES; count += 1) await post();
    await stop();

    await bot.untilSeq(CHANNEL, acknowledged.length - 1, PATIENCE_MS);
    expect(bot.seqs(CHANNEL)).toEqual(sequence(0, acknowledged.length - 1));
    const heard = bot.messages(CHANNEL).map(({ id }) => id);
    expect(heard.toSorted()).toEqual(acknowledged.toSorted());
    const last = heard.at(-1)!;
    await waitFor('the read model', async () => (await shown()).includes(last), PATIENCE_MS);
    for (const { api } of roles.all) {
      await waitFor(
        'the role to be ready',
        async () => (await fetch(`${api.url}/health/ready`)).ok,
        PATIENCE_MS,
      );
    }
    expect(roles.crashes()).toEqual([]);
  });

  const shown = async (): Promise<string> =>
    (await roles.admins[0]!.api.request('GET', `/v1/messages?channel=${CHANNEL}`)).text;
});
