import { describe, expect, it } from 'vitest';
import { createLogger } from '#libs/platform/logging/logger.js';
import { EngineKeeper, type KeeperOptions, type RunningEngine } from './engine-keeper.js';

type Probe = RunningEngine & { die(reason: string): void; stops: number };

const probe = (port: number): Probe => {
  let resolve!: (reason: string) => void;
  const exited = new Promise<string>((settle) => (resolve = settle));
  const engine: Probe = {
    url: `probe://${port}`,
    port,
    exited,
    stops: 0,
    die: resolve,
    stop: async () => {
      engine.stops++;
      resolve('exit code 0');
      await exited;
    },
  };
  return engine;
};

const keep = async (
  refuse: (attempt: number) => boolean = () => false,
  excuses: Pick<KeeperOptions, 'isExcused' | 'excusedPauseMs'> = {},
) => {
  const engines: Probe[] = [];
  const ports: (number | undefined)[] = [];
  let gaveUp!: (reason: string) => void;
  const givenUp = new Promise<string>((resolve) => (gaveUp = resolve));
  const keeper = await EngineKeeper.start({
    name: 'probe',
    start: (port) => {
      ports.push(port);
      if (refuse(ports.length)) return Promise.reject(new Error('disk full'));
      const engine = probe(port ?? 4000);
      engines.push(engine);
      return Promise.resolve(engine);
    },
    logger: createLogger({ level: 'silent' }),
    onGiveUp: gaveUp,
    pauseMs: 0,
    ...excuses,
  });
  const started = async (count: number): Promise<void> => {
    while (ports.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { keeper, engines, ports, givenUp, started };
};

describe('an engine that is kept running', () => {
  it('is restarted at the same port when it dies', async () => {
    const { keeper, engines, ports, started } = await keep();
    engines[0]?.die('signal SIGKILL');
    await started(2);
    expect(ports).toEqual([undefined, 4000]);
    expect(keeper.url).toBe('probe://4000');
    await keeper.stop();
  });

  it('is not restarted after it was stopped', async () => {
    const { keeper, engines, ports } = await keep();
    await keeper.stop();
    expect([engines[0]?.stops, ports.length]).toEqual([1, 1]);
  });

  it('is given up after five deaths within a minute, a failed start counting as one', async () => {
    const { engines, ports, givenUp, started } = await keep((attempt) => attempt === 3);
    for (const [index, count] of [1, 2, 4, 5].entries()) {
      await started(count);
      engines[index]?.die(`death ${count}`);
    }
    expect(await givenUp).toBe('probe ended 5 times within a minute, most recently with death 5');
    expect(ports).toHaveLength(5);
  });

  it('is started again for as long as its disk is full, and given up by the deaths after that alone', async () => {
    let isFull = true;
    const { keeper, engines, ports, givenUp, started } = await keep(
      (attempt) => attempt > 1 && attempt < 12,
      { isExcused: () => isFull, excusedPauseMs: 0 },
    );
    engines[0]?.die('exit code 1');
    await started(12);
    expect(ports).toHaveLength(12);
    isFull = false;
    for (const [index, count] of [12, 13, 14, 15].entries()) {
      await started(count);
      engines[1 + index]?.die(`death ${index}`);
    }
    expect(await givenUp).toBe('probe ended 5 times within a minute, most recently with death 3');
    await keeper.stop();
  });

  it('is given up as usual if its disk has room', async () => {
    const { givenUp, engines } = await keep((attempt) => attempt > 1, { isExcused: () => false });
    engines[0]?.die('exit code 1');
    expect(await givenUp).toBe('probe ended 5 times within a minute, most recently with disk full');
  });

  it('that can’t be started at all is reported by the caller', async () => {
    await expect(keep(() => true)).rejects.toThrow('disk full');
  });
});
