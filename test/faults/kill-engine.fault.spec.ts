import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import { makeHome } from '#tools/harness/system/home.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import type { Home } from '#tools/harness/system/home.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { checkHistory, describeViolations } from '#tools/harness/checker/check-history.js';
import type { Logged } from '#tools/harness/checker/history.js';
import { LogIndex } from '#tools/harness/checker/log-index.js';
import { Crew } from '#tools/harness/bots/crew.js';
import { killEngine } from '#tools/harness/system/engines.js';
import { Random, seedOfThisRun } from '#tools/harness/random.js';
import { readMessages } from './read-log.js';
import { report, summaryOf } from './report.js';

/** Fewer kills than the system tolerates within a minute. */
const KILLS = 4;
const LIMIT_MS = 180_000;

/** Returns the seq of the newest message of a channel in the read model. */
const newestShown = async (system: Verbatim, channel: string): Promise<number | undefined> => {
  const { body } = await system.request('GET', `/v1/messages?channel=${channel}&limit=1`);
  return (body['items'] as { seq: number }[] | undefined)?.[0]?.seq;
};

describe('an engine killed under load', () => {
  const seed = seedOfThisRun();
  const random = new Random(seed);
  let home: Home;
  let system: Verbatim;
  let crew: Crew;

  beforeEach(async () => {
    report(`seed ${seed} (VERBATIM_FAULT_SEED)`);
    home = await makeHome();
    system = await startVerbatim({ home, env: { VERBATIM_LOG_LEVEL: 'error' } });
    crew = await Crew.gather(system, random);
  });

  afterEach(async () => {
    crew?.close();
    await system?.remove();
    await home?.remove();
  });

  const killedOverAndOver = async (engine: Parameters<typeof killEngine>[1]): Promise<void> => {
    crew.talk();
    for (let kill = 0; kill < KILLS; kill += 1) {
      await pause(random.between(1_500, 3_500));
      await waitFor(`the ${engine} to be killed`, () => killed(engine), 20_000);
    }
    await pause(2_000);
    await crew.settle();
  };

  /** Kills the engine if it runs. Right after a kill there may be no process to kill yet. */
  const killed = (engine: Parameters<typeof killEngine>[1]): boolean => {
    try {
      killEngine(system, engine);
      return true;
    } catch {
      return false;
    }
  };

  /** Ends the system and compares what the bots saw with the log. */
  const check = async (): Promise<readonly Logged[]> => {
    crew.close();
    await system.killTree();
    const messages = await readMessages(join(home.dataDir, 'event-store'));
    report(summaryOf(crew, messages.length, []));
    const violations = checkHistory(crew.histories, messages);
    expect(violations.length, describeViolations(violations)).toBe(0);
    return messages;
  };

  it(
    'lets posts wait and then go on when it is the event store, and nobody loses a connection',
    async () => {
      await killedOverAndOver('event store');
      expect(crew.count('connected')).toBe(crew.bots.length);
      await check();
    },
    LIMIT_MS,
  );

  it(
    'goes unnoticed by bots when it is PostgreSQL, and the read model catches up by itself',
    async () => {
      await killedOverAndOver('PostgreSQL');
      expect(crew.count('connected')).toBe(crew.bots.length);
      expect(crew.count('put-off')).toBe(0);
      const shown = new Map<string, number>();
      for (const channel of crew.channels) {
        const head = crew.highestAnswered().get(channel)!;
        await waitFor(
          `the read model of ${channel}`,
          async () => (await newestShown(system, channel)) === head,
          30_000,
        );
        shown.set(channel, head);
      }
      const log = new LogIndex(await check());
      expect(Object.fromEntries(shown)).toEqual(
        Object.fromEntries(crew.channels.map((channel) => [channel, log.head(channel)])),
      );
    },
    LIMIT_MS,
  );
});
