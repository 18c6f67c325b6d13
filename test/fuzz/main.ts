import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { accessOfNode } from '#libs/embedded-event-store/access/store-access.js';
import { UsageMeter } from '#tools/harness/measure/process-usage.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { sendInputs } from './fuzz-run.js';
import type { FuzzPlan } from './fuzz-run.js';
import { Bystanders } from './judge/bystanders.js';
import { Processes } from './judge/processes.js';
import { Verdict } from './judge/verdict.js';
import { setScene } from './set-scene.js';

const USAGE = `npm run fuzz -- [--inputs 10000] [--seed 1] [--from 0]

  Sends malformed inputs to every door of a whole Verbatim: Socket.IO by WebSocket and polling, HTTP, and the port of the
  event store. It does so as nobody, bots, admin and auditor, while other bots talk to each other. An input depends only on the seed
  and its number, and forty in a row go to one door. The same --seed and --from send the same inputs again.`;

/** So high that inputs are examined and not refused because there are so many. */
const LIMITS = { VERBATIM_RATE_LIMIT: '50000', VERBATIM_RATE_BURST: '100000', VERBATIM_LOG_LEVEL: 'error' };

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const byName = ([one]: [string, number], [other]: [string, number]): number => one.localeCompare(other);

/** @returns whether everything was well */
const run = async (plan: FuzzPlan, verbatim: Verbatim): Promise<boolean> => {
  const verdict = new Verdict();
  const scene = await setScene(verbatim);
  const processes = new Processes(verbatim);
  const bystanders = await Bystanders.gather(verbatim, plan.seed);
  const { certificate, password } = accessOfNode(join(verbatim.home.dataDir, 'event-store'));
  const meter = new UsageMeter(() => [process.pid, ...verbatim.process.tree.living()]);
  meter.start();
  const began = performance.now();
  await sendInputs(plan, verbatim.url, { port: processes.storePort, certificate, password }, scene, verdict);
  const seconds = (performance.now() - began) / 1_000;
  const used = meter.stopMeter();
  const posts = await bystanders.judge(processes.storePort, verdict);
  await processes.judge(verdict);
  for (const [what, count] of Object.entries(verdict.counts).toSorted(byName))
    say(`${String(count).padStart(9)} ${what}`);
  say(`${verdict.largestRefusal} bytes in the largest refusal; ${seconds.toFixed(1)} s`);
  say(`bystanders: ${JSON.stringify(posts)} ms`);
  for (const one of used)
    say(
      `${one.process}: ${((one.cpuPercent * seconds) / 100).toFixed(1)} s of CPU, ${one.rssMiB} MiB at the end`,
    );
  say(verdict.isGood ? 'nothing found' : verdict.describe());
  return verdict.isGood;
};

const main = async (): Promise<void> => {
  if (values.help) return say(USAGE);
  const [inputs, seed, from] = [Number(values.inputs), Number(values.seed), Number(values.from)];
  const verbatim = await startVerbatim({ env: LIMITS });
  try {
    if (!(await run({ inputs, seed, from, say }, verbatim))) process.exitCode = 1;
  } finally {
    await verbatim.remove();
  }
};

// Processes that were started end when this process exits, but a signal would kill it without an exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

await main();
