import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '#tools/harness/wait-for.js';
import { CutBot } from './cut-bot.js';
import { Deliveries } from './deliveries.js';
import type { Outcome } from './deliveries.js';

export type CutsPlan = Readonly<{
  /** One bot each, in this channel, with this data in its handshake. */
  bots: readonly Readonly<{ channel: string; auth: Readonly<Record<string, unknown>> }>[];
  urls: readonly string[];
  rate: number;
  seconds: number;
  /** How often each bot is cut, and for how long. */
  everySeconds: number;
  cutSeconds: number;
}>;

export type CutsResult = Outcome & Readonly<{ sent: number; cuts: number; recovered: number }>;

const SETTLE_MS = 20_000;

/** Connects all bots, posts messages at a rate and cuts bots in turn. Then reconnects all and waits for what is due. */
export const runCuts = async (plan: CutsPlan): Promise<CutsResult> => {
  const deliveries = new Deliveries(
    plan.bots.map(({ channel }) => channel),
    plan.rate * plan.seconds + 1,
  );
  const bots = plan.bots.map(
    ({ channel, auth }, index) => new CutBot({ index, channel, auth, urls: plan.urls }, deliveries),
  );
  const allConnected = (): boolean => bots.every((bot) => bot.connected);
  for (const bot of bots) bot.connect();
  await waitFor('all bots', allConnected, 30_000);
  const { sent, cuts } = await talkAndCut(bots, plan);
  await waitFor('all bots again', allConnected, 60_000);
  await waitFor('all answers', () => bots.every((bot) => bot.unanswered === 0), SETTLE_MS, 100).catch(
    () => undefined,
  );
  await waitFor('what is due', () => deliveries.outcome().lost === 0, SETTLE_MS, 500).catch(() => undefined);
  for (const bot of bots) bot.close();
  const recovered = bots.reduce((sum, bot) => sum + bot.recovered, 0);
  return { sent, cuts, recovered, ...deliveries.outcome() };
};

const talkAndCut = async (
  bots: readonly CutBot[],
  { rate, seconds, everySeconds, cutSeconds }: CutsPlan,
): Promise<{ sent: number; cuts: number }> => {
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1_000;
  let [sent, cuts, turn] = [0, 0, 0];
  while (elapsed() < seconds) {
    for (; sent < elapsed() * rate && sent < rate * seconds; sent += 1) {
      // A bot that is away posts nothing, so the next connected one does.
      const speaker = nextConnected(bots, turn);
      turn = speaker + 1;
      bots[speaker]?.post(sent);
    }
    for (; cuts < (elapsed() / everySeconds) * bots.length; cuts += 1) {
      const bot = bots[cuts % bots.length]!;
      if (bot.connected) bot.cut(cutSeconds * 1_000);
    }
    await pause(2);
  }
  return { sent, cuts };
};

const nextConnected = (bots: readonly CutBot[], from: number): number => {
  for (let step = 0; step < bots.length; step += 1) {
    if (bots[(from + step) % bots.length]!.connected) return (from + step) % bots.length;
  }
  return from % bots.length;
};
