import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBalancer } from '../support/balancer.js';
import type { Balancer } from '../support/balancer.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { checkHistory, describeViolations } from '#tools/harness/checker/check-history.js';
import { Crew } from '#tools/harness/bots/crew.js';
import { Random, seedOfThisRun } from '#tools/harness/random.js';
import { readMessages } from './read-log.js';
import { report, summaryOf } from './report.js';

const CREW = { bots: 40, channels: 4, postsPerSecond: 5 };

describe('gateways stopped in order under load, one after the other', () => {
  const seed = seedOfThisRun();
  let roles: Roles;
  let balancer: Balancer;
  let crew: Crew;

  beforeAll(async () => {
    roles = await startRoles({ gateways: 2, projectors: 1, admins: 1 });
    balancer = await startBalancer(roles);
    crew = await Crew.gather(balancer.api, new Random(seed), CREW);
  });

  afterAll(async () => {
    crew?.close();
    await balancer?.process.kill();
    await roles?.remove();
  });

  it('lose no answer and no message, and put off only posts that come while a bot is sent away', async () => {
    report(`seed ${seed} (VERBATIM_FAULT_SEED)`);
    crew.talk();
    for (const { process } of [...roles.gateways, ...roles.gateways]) {
      await pause(1_000);
      const began = performance.now();
      expect(await process.terminate()).toEqual({ code: 0, signal: null });
      await crew.allAtWork();
      report(
        `${process.name} stopped, and its bots were at the other gateway after ${Math.round(performance.now() - began)} ms`,
      );
      await process.start();
    }
    await crew.settle();
    crew.close();
    await roles.kill();
    const messages = await readMessages(roles.eventStoreDir);
    report(summaryOf(crew, messages.length, []));
    const violations = checkHistory(crew.histories, messages);
    expect(violations.length, describeViolations(violations)).toBe(0);
    const putOff = crew.histories.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.type === 'put-off' ? [step.code] : [])),
    );
    expect(putOff.filter((code) => code !== 'server_stopping')).toEqual([]);
    // Every bot moved back and forth. A bot that was cut off before its answer got the answer from the other gateway.
    expect(crew.count('connected')).toBeGreaterThan(2 * CREW.bots);
  }, 120_000);
});
