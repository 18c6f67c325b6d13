import { setTimeout as pause } from 'node:timers/promises';
import { LoadBot } from './load-bot.js';
import type { LoadPlan, LoadResult, ToParent } from './load-plan.js';
import { Tally } from './tally.js';

/** Runs bots in a separate process: takes a plan from its parent, carries it out and reports the results. */
const carryOut = async (plan: LoadPlan): Promise<LoadResult> => {
  const tally = new Tally(plan.bots.length / new Set(plan.bots.map(({ channel }) => channel)).size);
  const bots = plan.bots.map(
    ({ auth, channel }) => new LoadBot(plan.url, auth, channel, plan.bodyBytes, tally),
  );
  await Promise.all(bots.map((bot) => bot.connected()));
  const begin = performance.now();
  const from = begin + plan.warmUpSeconds * 1_000;
  const until = from + plan.seconds * 1_000;
  tally.measure(from, until);
  setTimeout(() => tell({ type: 'measuring' }), plan.warmUpSeconds * 1_000);
  const telling = tellIntervals(plan, tally, begin);
  if (plan.rate > 0) await pace(bots, plan.rate, begin, until, tally);
  else await flood(bots, plan.pipeline, until);
  const patience = performance.now() + 15_000;
  while ((tally.due > 0 || tally.unanswered > 0) && performance.now() < patience) await pause(50);
  clearInterval(telling);
  for (const bot of bots) bot.close();
  return tally.result();
};

/** Posts evenly: message n leaves at n / rate, from the next bot in turn, whatever happened to the ones before. */
const pace = async (
  bots: readonly LoadBot[],
  rate: number,
  begin: number,
  until: number,
  tally: Tally,
): Promise<void> => {
  let next = 0;
  for (;;) {
    const now = performance.now();
    if (now >= until) return;
    for (let due = begin + (next / rate) * 1_000; due <= now; due = begin + (next / rate) * 1_000) {
      tally.late(due, performance.now() - due);
      bots[next % bots.length]!.post();
      next += 1;
    }
    await pause(1);
  }
};

/** Posts as fast as the server answers, with this many posts under way per bot. */
const flood = async (bots: readonly LoadBot[], pipeline: number, until: number): Promise<void> => {
  const again = (bot: LoadBot): void => {
    if (performance.now() < until) bot.post(() => again(bot));
  };
  for (const bot of bots) for (let under = 0; under < pipeline; under += 1) again(bot);
  await pause(until - performance.now());
};

const tellIntervals = (
  { intervalSeconds }: LoadPlan,
  tally: Tally,
  begin: number,
): NodeJS.Timeout | undefined => {
  if (intervalSeconds === undefined) return undefined;
  const take = (): void =>
    tell({ type: 'interval', interval: tally.takeInterval((performance.now() - begin) / 1_000) });
  return setInterval(take, intervalSeconds * 1_000);
};

const tell = (message: ToParent): void => void process.send?.(message);

const work = async (plan: LoadPlan): Promise<void> => {
  try {
    tell({ type: 'done', result: await carryOut(plan) });
    process.disconnect();
  } catch (error) {
    process.stderr.write(`load: ${String(error)}\n`);
    process.exit(1);
  }
};

// The parent is gone, so nobody wants the result.
process.once('disconnect', () => process.exit());
process.once('message', (plan) => void work(plan as LoadPlan));
