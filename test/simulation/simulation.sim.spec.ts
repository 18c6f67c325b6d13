import { describe, expect, it } from 'vitest';
import { describeViolations } from '#tools/harness/checker/check-history.js';
import { playHistory } from './play-history.js';

/** VERBATIM_SIMULATION_SEED plays one seed again. VERBATIM_SIMULATION_SECONDS says how long to try new ones. */
const seed = process.env['VERBATIM_SIMULATION_SEED'];
const seconds = Number(process.env['VERBATIM_SIMULATION_SECONDS'] ?? 60);

const say = (line: string): void => void process.stdout.write(`  ${line}\n`);

const play = async (one: number): Promise<{ messages: number; deliveries: number }> => {
  const outcome = await playHistory(one);
  if (outcome.violations.length > 0) {
    const happened = [...outcome.happened].map(([what, times]) => `${times} × ${what}`).join(', ');
    throw new Error(
      `Seed ${one} (repeat with VERBATIM_SIMULATION_SEED=${one}): ${happened}\n${describeViolations(outcome.violations)}`,
    );
  }
  return outcome;
};

describe('random histories of gateways, store, clients, clock and network', () => {
  it(
    'keep every promise',
    async () => {
      if (seed !== undefined) {
        const { messages, deliveries } = await play(Number(seed));
        say(`seed ${seed}: ${messages} messages, ${deliveries} deliveries`);
        return;
      }
      const first = Math.floor(Math.random() * 2 ** 31);
      const began = performance.now();
      const total = { histories: 0, messages: 0, deliveries: 0 };
      while (performance.now() - began < seconds * 1_000) {
        const { messages, deliveries } = await play(first + total.histories);
        total.histories += 1;
        total.messages += messages;
        total.deliveries += deliveries;
      }
      const perMinute = Math.round((total.histories * 60_000) / (performance.now() - began));
      say(`${total.histories} histories (${perMinute} a minute), seeds from ${first}`);
      say(`${total.messages} messages, ${total.deliveries} deliveries`);
      expect(total.deliveries).toBeGreaterThan(total.messages);
    },
    (seconds + 60) * 1_000,
  );
});
