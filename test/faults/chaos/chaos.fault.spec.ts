import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBalancer } from '../../support/balancer.js';
import type { Balancer } from '../../support/balancer.js';
import { startRoles } from '#libs/harness/system/roles.js';
import type { Roles } from '#libs/harness/system/roles.js';
import { checkHistory, describeViolations } from '#libs/harness/checker/check-history.js';
import { boundNeighbours } from '#libs/harness/checker/check-send-order.js';
import { LogIndex } from '#libs/harness/checker/log-index.js';
import { Crew } from '#libs/harness/bots/crew.js';
import { Random, seedOfThisRun } from '#libs/harness/random.js';
import { readMessages } from '../read-log.js';
import { report, summaryOf } from '../report.js';
import { planFaults } from './fault-plan.js';
import { Saboteur } from './saboteur.js';
import { UnrulyNetwork } from '#libs/harness/network/unruly-network.js';

const SECONDS = Number(process.env['VERBATIM_CHAOS_SECONDS'] ?? 120);
const CREW = { bots: 60, channels: 12, channelsPerBot: 2, postsPerSecond: 2 };
const CIRCUMSTANCES = { refusalsGetLost: true };
/** All bots have everything so long after the last fault. */
const LEVEL_WITHIN_MS = 5_000;

describe('60 bots, two gateways behind HAProxy, one event store, and everything that can go wrong', () => {
  const seed = seedOfThisRun();
  const random = new Random(seed);
  let roles: Roles;
  let balancer: Balancer;
  let network: UnrulyNetwork;
  let crew: Crew;

  beforeAll(async () => {
    roles = await startRoles({ gateways: 2, projectors: 1, admins: 1, env: { VERBATIM_LOG_LEVEL: 'error' } });
    balancer = await startBalancer(roles);
    network = await UnrulyNetwork.open(balancer.port, random.fork());
    crew = await Crew.gather(balancer.api, random.fork(), CREW, network.url);
  });

  afterAll(async () => {
    crew?.close();
    await network?.close();
    await balancer?.process.kill();
    await roles?.remove();
  });

  it(
    `keep every promise over ${SECONDS} s`,
    async () => {
      report(`seed ${seed} (VERBATIM_FAULT_SEED), ${SECONDS} s (VERBATIM_CHAOS_SECONDS)`);
      const saboteur = new Saboteur(roles, network, crew);
      crew.talk();
      await saboteur.carryOut(planFaults(random.fork(), SECONDS * 1_000));
      const over = performance.now();
      await crew.level(60_000);
      const levelMs = performance.now() - over;
      await crew.settle(60_000);
      crew.close();
      await roles.kill();
      const messages = await readMessages(roles.eventStoreDir);
      report([...saboteur.done].map(([fault, times]) => `${times} × ${fault}`).join(', '));
      report(`all level ${Math.round(levelMs)} ms after the last fault`);
      report(summaryOf(crew, messages.length, []));
      const { bound, all } = boundNeighbours(crew.histories, new LogIndex(messages), CIRCUMSTANCES);
      report(`the order of ${bound} of ${all} neighbours in the log is certain`);

      const violations = checkHistory(crew.histories, messages, CIRCUMSTANCES);
      expect(violations.length, `seed ${seed}\n${describeViolations(violations)}`).toBe(0);
      expect(roles.crashes(), `seed ${seed}`).toEqual([]);
      expect(levelMs, `seed ${seed}`).toBeLessThan(LEVEL_WITHIN_MS);
      expect(messages.length).toBeGreaterThan(SECONDS * 20);
      expect(crew.count('connected')).toBeGreaterThan(2 * CREW.bots);
      expect(bound).toBeGreaterThan(all / 2);
    },
    SECONDS * 1_000 + 240_000,
  );
});
