import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBalancer } from '../../support/balancer.js';
import type { Balancer } from '../../support/balancer.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { checkHistory, describeViolations } from '#tools/harness/checker/check-history.js';
import { boundNeighbours } from '#tools/harness/checker/check-send-order.js';
import { LogIndex } from '#tools/harness/checker/log-index.js';
import { checkLeft, wholeLog } from '#tools/harness/checker/whole-log.js';
import { Random, seedOfThisRun } from '#tools/harness/random.js';
import { readMessages } from '../read-log.js';
import { report, summaryOf } from '../report.js';
import { planFaults } from './fault-plan.js';
import { CLIENTS, MixedCrew, clientOf } from './mixed-crew.js';
import type { Client } from './mixed-crew.js';
import { Operator } from './operator.js';
import { Saboteur } from './saboteur.js';
import { UnrulyNetwork } from '#tools/harness/network/unruly-network.js';

const SECONDS = Number(process.env['VERBATIM_CHAOS_SECONDS'] ?? 120);
const CREW = { bots: 60, channels: 12, channelsPerBot: 2, postsPerSecond: 2 };
/**
 * Milliseconds after the last fault within which bots must have received everything. python-engineio gives an attempt
 * to connect 5 s, even one that a frozen gateway holds. When it can't send any more, it goes on polling until a
 * heartbeat stays unanswered, which takes up to 18 s.
 */
const LEVEL_WITHIN_MS: Readonly<Record<Client, number>> = {
  JavaScript: 5_000,
  'Python, WebSocket': 5_000 + 5_000,
  'Python, polling': 5_000 + 18_000,
};

describe('60 bots, a third of them in Python, two gateways behind HAProxy, one event store, and everything that can go wrong', () => {
  const seed = seedOfThisRun();
  const random = new Random(seed);
  let roles: Roles;
  let balancer: Balancer;
  let network: UnrulyNetwork;
  let mixed: MixedCrew;
  let operator: Operator;

  beforeAll(async () => {
    roles = await startRoles({ gateways: 2, projectors: 1, admins: 1, env: { VERBATIM_LOG_LEVEL: 'error' } });
    balancer = await startBalancer(roles);
    network = await UnrulyNetwork.open(balancer.port, random.fork());
    mixed = await MixedCrew.gather(balancer.api, random.fork(), CREW, network.url);
    operator = new Operator(roles, random.fork());
  });

  afterAll(async () => {
    await mixed?.end();
    await operator?.close();
    await network?.close();
    await balancer?.process.kill();
    await roles?.remove();
  });

  it(
    `keep every promise over ${SECONDS} s`,
    async () => {
      report(`seed ${seed} (VERBATIM_FAULT_SEED), ${SECONDS} s (VERBATIM_CHAOS_SECONDS)`);
      const { crew } = mixed;
      const saboteur = new Saboteur(roles, network, crew, operator);
      crew.talk();
      await saboteur.carryOut(planFaults(random.fork(), SECONDS * 1_000));
      const over = performance.now();
      const levelMs = await Promise.all(
        CLIENTS.map(async (client) => {
          await crew.level(60_000, (bot) => clientOf(bot) === client);
          return Math.round(performance.now() - over);
        }),
      );
      await crew.settle(60_000);
      crew.close();
      await roles.kill();
      const left = await readMessages(roles.eventStoreDir);
      const { record: retention, witness } = operator;
      const messages = wholeLog(witness.seen, left);
      const circumstances = { refusalsGetLost: true, retention };
      report([...saboteur.done].map(([fault, times]) => `${times} × ${fault}`).join(', '));
      for (const [index, client] of CLIENTS.entries())
        report(`${client}: level ${levelMs[index]} ms after the last fault`);
      report(summaryOf(crew, messages.length, []));
      report(
        `${messages.length - left.length} scavenged, ${crew.count('truncated')} times told what is gone`,
      );
      const { bound, all } = boundNeighbours(crew.histories, new LogIndex(messages), circumstances);
      report(`the order of ${bound} of ${all} neighbours in the log is certain`);

      const violations = [
        ...checkLeft(witness.seen, left, retention),
        ...checkHistory(crew.histories, messages, circumstances),
      ];
      expect(violations.length, `seed ${seed}\n${describeViolations(violations)}`).toBe(0);
      expect(roles.crashes(), `seed ${seed}`).toEqual([]);
      expect(witness.failure, `seed ${seed}`).toBeUndefined();
      for (const [index, client] of CLIENTS.entries())
        expect(levelMs[index], `${client}, seed ${seed}`).toBeLessThan(LEVEL_WITHIN_MS[client]);
      expect(messages.length).toBeGreaterThan(SECONDS * 20);
      expect(crew.count('connected')).toBeGreaterThan(2 * CREW.bots);
      expect(bound).toBeGreaterThan(all / 2);
      expect(messages.length).toBeGreaterThan(left.length);
      expect(crew.count('truncated')).toBeGreaterThan(0);
    },
    SECONDS * 1_000 + 240_000,
  );
});
