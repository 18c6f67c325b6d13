import { describe, expect, it } from 'vitest';
import { sequence } from '#test/support/sequence.js';
import { Random } from '#tools/harness/random.js';
import { SimulatedBot } from './simulated-bot.js';
import { SimulatedClock } from './simulated-clock.js';
import { SimulatedConnection } from './simulated-connection.js';
import { SimulatedGateway } from './simulated-gateway.js';
import { SimulatedLog } from './simulated-log.js';
import { SimulatedReadModel } from './simulated-read-model.js';

const DAY_MS = 86_400_000;

describe('after an idle day', () => {
  it.each(['map', 'stored'] as const)('a bot that resumes by %s gets what it missed', async (resumes) => {
    const clock = new SimulatedClock(Date.parse('2026-01-01T00:00:00Z'));
    const random = new Random(1);
    const log = new SimulatedLog(clock, random);
    const gateway = new SimulatedGateway('gateway', {
      world: clock,
      log,
      readModel: new SimulatedReadModel(log),
      random,
      channels: ['red'],
      smallWindow: false,
    });
    const makeBot = (bot: string): SimulatedBot =>
      new SimulatedBot({
        bot,
        resumes,
        channels: ['red'],
        clock,
        random,
        pipeline: 10,
        connect: (_bot, auth) => {
          if (!gateway.isReady) return undefined;
          const connection = new SimulatedConnection(1, clock, gateway.clock, random, gateway.socketRooms);
          gateway.connected(connection, auth, 1);
          return connection;
        },
      });
    const pass = async (ms: number): Promise<void> => {
      const until = clock.now() + ms;
      clock.after(ms, () => undefined);
      while (clock.step(until)) await new Promise((resolve) => setImmediate(resolve));
    };
    const [writer, idle] = [makeBot('writer'), makeBot('idle')];
    writer.come();
    idle.come();
    await pass(2_000);
    for (let n = 0; n < 5; n += 1) writer.say();
    await pass(5_000);
    idle.go();
    writer.go();
    await pass(DAY_MS);
    writer.come();
    await pass(2_000);
    for (let n = 0; n < 5; n += 1) writer.say();
    await pass(5_000);
    idle.come();
    await pass(5_000);
    const seqs = idle.steps.flatMap((step) => (step.type === 'received' ? [step.seq] : []));
    expect(seqs).toEqual(sequence(0, 9));
    expect(idle.steps.filter(({ type }) => type === 'connected')).toHaveLength(2);
  });
});
