import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signal } from '#tools/harness/processes/process-tree.js';
import { runVerbatim, startVerbatim } from '#tools/harness/system/verbatim.js';
import { environmentFor, makeHome } from '#tools/harness/system/home.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import type { Home } from '#tools/harness/system/home.js';
import type { RunningProcess } from '#tools/harness/processes/running-process.js';
import { checkHistory, describeViolations } from '#tools/harness/checker/check-history.js';
import { Crew } from '#tools/harness/bots/crew.js';
import { Random, seedOfThisRun } from '#tools/harness/random.js';
import { readMessages } from './read-log.js';
import { report, summaryOf } from './report.js';

const ROUNDS = Number(process.env['VERBATIM_FAULT_ROUNDS'] ?? 20);
const QUIET = { VERBATIM_LOG_LEVEL: 'warn' };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends SIGKILL to all processes in random order: sometimes an engine goes first, sometimes a process that uses it. */
const killAll = async ({ tree, exited }: RunningProcess, random: Random): Promise<void> => {
  for (const pid of random.shuffled(tree.living())) signal(pid, 'SIGKILL');
  tree.kill(); // processes that were started meanwhile
  await exited;
};

describe('all processes killed at random moments under load', () => {
  const seed = seedOfThisRun();
  const random = new Random(seed);
  let home: Home;
  let system: Verbatim;
  let crew: Crew;

  beforeAll(async () => {
    home = await makeHome();
    system = await startVerbatim({ home, env: QUIET });
    crew = await Crew.gather(system, random);
  });

  afterAll(async () => {
    crew?.close();
    await system?.remove();
    await home?.remove();
  });

  it(
    `keeps every promise over ${ROUNDS} rounds`,
    async () => {
      report(`seed ${seed} (VERBATIM_FAULT_SEED), ${ROUNDS} rounds (VERBATIM_FAULT_ROUNDS)`);
      const readyMs: number[] = [];
      crew.talk();
      for (let round = 1; round <= ROUNDS; round += 1) {
        await crew.allAtWork();
        const load = random.between(1_000, 4_000);
        await pause(load);
        await killAll(system.process, random);
        await system.process.gone();
        // Sometimes the system is killed again before it is up.
        const halfway = random.chance(0.3) ? random.between(50, 2_000) : undefined;
        if (halfway !== undefined) {
          const start = runVerbatim(['start'], environmentFor(home, QUIET));
          await pause(halfway);
          await killAll(start, random);
          await start.gone();
        }
        const began = performance.now();
        system = await startVerbatim({ home, env: QUIET });
        readyMs.push(performance.now() - began);
        report(
          `round ${round}: ${Math.round(load)} ms of load, ready again after ${Math.round(readyMs.at(-1)!)} ms` +
            (halfway === undefined ? '' : `, killed while starting after ${Math.round(halfway)} ms as well`),
        );
      }
      await crew.allAtWork();
      await crew.settle();
      crew.close();
      await system.stopSystem();
      const messages = await readMessages(join(home.dataDir, 'event-store'));
      report(summaryOf(crew, messages.length, readyMs));

      const violations = checkHistory(crew.histories, messages);
      expect(violations.length, describeViolations(violations)).toBe(0);
      expect(crew.count('connected')).toBeGreaterThan(ROUNDS * crew.bots.length);
      expect(messages.length).toBeGreaterThan(ROUNDS * 100);
    },
    ROUNDS * 45_000 + 120_000,
  );
});
