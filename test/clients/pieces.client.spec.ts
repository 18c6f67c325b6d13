import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Crew } from '#tools/harness/bots/crew.js';
import { FaultBot } from '#tools/harness/bots/fault-bot.js';
import type { FaultBotOptions } from '#tools/harness/bots/fault-bot.js';
import { checkHistory, describeViolations } from '#tools/harness/checker/check-history.js';
import { PiecemealNetwork } from '#tools/harness/network/piecemeal-network.js';
import { Random, seedOfThisRun } from '#tools/harness/random.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { readMessages } from '#test/faults/read-log.js';
import { PythonBots } from '#test/support/python/python-bots.js';
import type { PythonBot } from '#test/support/python/python-bots.js';

type Bot = FaultBot | PythonBot;

/** Every second bot of a crew relies on its stored cursors, so each kind of client is there twice. */
const BOTS_OF_A_KIND = 2;
const CUTS = 3;
const SECONDS_BETWEEN = 4;

const seed = seedOfThisRun();
const random = new Random(seed);
let verbatim: Verbatim;
let network: PiecemealNetwork;
let threads: PythonBots;
let tasks: PythonBots;
let crew: Crew<Bot>;

/** Debian's synchronous Python client needs another package for WebSocket. */
const kinds: readonly ((options: FaultBotOptions) => Bot)[] = [
  (options) => new FaultBot({ ...options, transport: 'websocket' }),
  (options) => new FaultBot({ ...options, transport: 'polling' }),
  (options) => threads.add(options, 'polling'),
  (options) => tasks.add(options, 'websocket'),
  (options) => tasks.add(options, 'polling'),
];

beforeAll(async () => {
  verbatim = await startVerbatim({ env: { VERBATIM_LOG_LEVEL: 'error' }, readyMs: 90_000 });
  network = await PiecemealNetwork.open(verbatim.home.port, random.fork());
  [threads, tasks] = [new PythonBots('sync'), new PythonBots('async')];
  crew = await Crew.gatherOf<Bot>(
    (options, index) => kinds[Math.floor(index / BOTS_OF_A_KIND)]!(options),
    verbatim,
    random.fork(),
    { bots: BOTS_OF_A_KIND * kinds.length, channels: 3, postsPerSecond: 5 },
    network.url,
  );
});

afterAll(async () => {
  crew?.close();
  await Promise.all([threads?.end(), tasks?.end()]);
  await network?.close();
  await verbatim?.remove();
});

const connectionsOf = ({ history }: Bot): number =>
  history.steps.filter(({ type }) => type === 'connected').length;

it('clients of all kinds get everything exactly once, in order, however the bytes are cut and joined on the way', async () => {
  crew.talk();
  for (let cut = 0; cut < CUTS; cut += 1) {
    await pause(SECONDS_BETWEEN * 1_000);
    network.cut();
    await waitFor(
      'all bots to be back',
      () => crew.bots.every((bot) => connectionsOf(bot) > 1 + cut),
      60_000,
    );
  }
  await crew.settle(60_000);
  crew.close();
  await verbatim.stopSystem();

  const messages = await readMessages(join(verbatim.home.dataDir, 'event-store'));
  const violations = checkHistory(crew.histories, messages, { refusalsGetLost: true });
  expect(violations.length, `seed ${seed}\n${describeViolations(violations)}`).toBe(0);
  expect(messages.length).toBeGreaterThan(crew.bots.length * 10);
  expect(network.counts.single).toBeGreaterThan(1_000);
  expect(network.counts.joined).toBeGreaterThan(0);
});
